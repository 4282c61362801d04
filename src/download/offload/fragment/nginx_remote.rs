use std::fmt::Write as _;

use actix_web::http::header::HeaderName;

use super::nginx::{PASSED, is_validator};
use crate::download::offload::remote::{AUTHORIZATION, CARRIED, OWN, Remotes, URL};

/// What another server might say and a browser, a cache or nginx would act upon, besides what the application says in its place.
const HIDDEN: &[&str] = &[
    "Accept-CH",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Private-Network",
    "Access-Control-Max-Age",
    "Age",
    "Alt-Svc",
    "Authentication-Info",
    "Cache-Status",
    "CDN-Cache-Control",
    "Clear-Site-Data",
    "Content-Location",
    "Content-Type",
    "Critical-CH",
    "Document-Policy",
    "Expect-CT",
    "Feature-Policy",
    "Location",
    "NEL",
    "No-Vary-Search",
    "Origin-Agent-Cluster",
    "Origin-Trial",
    "Pragma",
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Refresh",
    "Report-To",
    "Reporting-Endpoints",
    "Server-Timing",
    "Service-Worker-Allowed",
    "Set-Cookie",
    "Set-Cookie2",
    "Set-Login",
    "SourceMap",
    "Speculation-Rules",
    "Strict-Transport-Security",
    "Supports-Loading-Mode",
    "Surrogate-Control",
    "Surrogate-Key",
    "Use-As-Dictionary",
    "Via",
    "WWW-Authenticate",
    "Warning",
    "X-DNS-Prefetch-Control",
    "X-Download-Options",
    "X-Frame-Options",
    "X-Permitted-Cross-Domain-Policies",
    "X-Powered-By",
    "X-SourceMap",
    "X-UA-Compatible",
    "X-XSS-Protection",
    "X-LiteSpeed-Location",
    "X-Sendfile",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amz-server-side-encryption",
    "x-amz-version-id",
    "x-ms-request-id",
    "x-ms-version",
];

/// Every error but 404, 410, 416 and 504; 300 and more, as `error_page` takes no less.
const BAD: &str = "300 301 302 303 304 305 306 307 308 400 401 402 403 405 406 407 408 409 411 412 413 414 415 417 418 419 420
        421 422 423 424 425 426 428 429 430 431 440 449 450 451 460 463 494 495 496 497 498 500 501 502 503 505 506 507 508
        509 510 511 520 521 522 523 524 525 526 527 529 530 540 561 598 599";

/// Within the application's own location: what is for nginx is not for clients.
pub(super) fn hide_orders() -> String {
    [URL, AUTHORIZATION]
        .into_iter()
        .chain(CARRIED.map(|(_, carried)| carried))
        .map(|name| format!("    proxy_hide_header {name};\n"))
        .collect()
}

pub(super) fn write(text: &mut String, remotes: &Remotes, passed: &[HeaderName]) {
    let Some(location) = remotes.location.as_deref() else { return };
    text.push_str(
        "
# A file that another server does not give.
location @offload_bad_gateway {
    add_header Cache-Control no-store always;
    return 502;
}
location @offload_timeout {
    add_header Cache-Control no-store always;
    return 504;
}
location @offload_no_such_range {
    add_header Content-Range $upstream_http_content_range always;
    add_header Cache-Control no-store always;
    return 416;
}
",
    );
    fetching(text, location, remotes, passed, false);
    fetching(text, &format!("{location}{OWN}"), remotes, passed, true);
}

/// A location that fetches. `own`: the validators are said by the application, too.
fn fetching(text: &mut String, location: &str, remotes: &Remotes, passed: &[HeaderName], own: bool) {
    // What the client is told, and the header of the application's answer that says it.
    let said: Vec<(&str, &str)> = PASSED
        .iter()
        .copied()
        .chain(passed.iter().map(HeaderName::as_str))
        .filter(|name| own || !is_validator(name))
        .map(|name| (name, name))
        .chain(CARRIED)
        .collect();
    let _ = writeln!(
        text,
        "
# {}
location = {location} {{
    # Only on the application's word.
    internal;
    # The application's answer is at hand until the other server is asked.",
        if own {
            "The same, with validators of the application's."
        } else {
            "Files behind URLs: fetched and passed on."
        }
    );
    for name in [URL, AUTHORIZATION].into_iter().chain(said.iter().map(|(_, from)| *from)) {
        let variable = variable(name);
        let _ = writeln!(text, "    set $offload_{variable} $upstream_http_{variable};");
    }
    let timeout = remotes.timeout.as_millis().max(1);
    let _ = write!(
        text,
        "    # As it stands: nothing is encoded again.
    proxy_pass $offload_{};
    proxy_http_version 1.1;
    proxy_connect_timeout {timeout}ms;
    proxy_send_timeout {timeout}ms;
    proxy_read_timeout {timeout}ms;
    # What is not read yet stays where it is, and is not written to this disk.
    proxy_max_temp_file_size 0;
    # Nothing of the client's but the range; what is not modified, the application has answered.
    proxy_pass_request_headers off;
    proxy_pass_request_body off;
    proxy_set_header Host $proxy_host;
    proxy_set_header Connection \"\";
    proxy_set_header Content-Length \"\";
    proxy_set_header Accept-Encoding identity;
    proxy_set_header Authorization $offload_{};
    proxy_set_header Range $http_range;
    proxy_set_header If-Range $http_if_range;
    # The other server gives no orders.
    proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset Expires
        Cache-Control Set-Cookie Vary;
    proxy_redirect off;
    gzip off;
",
        variable(URL),
        variable(AUTHORIZATION)
    );
    if !remotes.resolvers.is_empty() {
        let resolvers: Vec<String> = remotes.resolvers.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "    resolver {};\n    resolver_timeout {timeout}ms;", resolvers.join(" "));
    }
    if let Some(authorities) = &remotes.authorities {
        let _ = write!(
            text,
            "    proxy_ssl_server_name on;
    proxy_ssl_verify on;
    proxy_ssl_verify_depth 5;
    proxy_ssl_trusted_certificate {authorities};
"
        );
    }
    text.push_str(
        "    proxy_intercept_errors on;
    error_page 404 410 = @offload_missing;
    error_page 416 = @offload_no_such_range;
    error_page 504 = @offload_timeout;
",
    );
    let _ = writeln!(text, "    error_page {BAD} = @offload_bad_gateway;");
    text.push_str("    # Said by the application, or by nobody.\n    proxy_headers_hash_max_size 2048;\n    proxy_headers_hash_bucket_size 128;\n");
    let mut hidden: Vec<&str> = Vec::new();
    let told = said.iter().flat_map(|(name, from)| [*name, *from]);
    for name in told.chain([URL, AUTHORIZATION]).chain(HIDDEN.iter().copied()) {
        if !hidden.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            hidden.push(name);
        }
    }
    for name in hidden {
        let _ = writeln!(text, "    proxy_hide_header {name};");
    }
    for (name, from) in said {
        let _ = writeln!(text, "    add_header {name} $offload_{};", variable(from));
    }
    text.push_str("}\n");
}

fn variable(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}
