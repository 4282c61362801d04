use std::fmt::Write as _;

use actix_web::http::header::{ETAG, HeaderName, LAST_MODIFIED};

use super::{nginx_remote, quote, root, target, unwritable};
use crate::download::offload::{OffloadError, remote::Remotes, rule::Rule};

/// What nginx drops when it takes an answer over, and a browser's safety or a cache depends on. An empty value sends no header.
pub(super) const PASSED: &[&str] = &[
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Content-Language",
    "Content-Security-Policy",
    "Content-Security-Policy-Report-Only",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "ETag",
    "Last-Modified",
    "Link",
    "Permissions-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "Timing-Allow-Origin",
    "Vary",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-Request-Id",
    "X-Robots-Tag",
];

pub(super) fn write(
    rules: &[Rule],
    remotes: &Remotes,
    passed: &[HeaderName],
    upstream: &str,
) -> Result<String, OffloadError> {
    let hidden = if remotes.location.is_some() { nginx_remote::hide_orders() } else { String::new() };
    let mut text = format!(
        "# Within `server {{ .. }}`. The application says which file, nginx sends it.
# WebSockets, and no other protocol: one that nginx does not speak would be nobody's to watch over.
set $offload_upgrade \"\";
set $offload_connection \"\";
if ($http_upgrade ~* \"^websocket$\") {{
    set $offload_upgrade websocket;
    set $offload_connection upgrade;
}}
# The host by which nginx knew this server, with the port that the client knows, for links and checks of `Origin`.
set $offload_port \"\";
if ($http_host ~ \"(:[0-9]+)$\") {{
    set $offload_port $1;
}}
location / {{
    proxy_pass http://{upstream};
    proxy_http_version 1.1;
    # WebSockets that are quiet for a `proxy_read_timeout` (60 s) are closed, bodies beyond `client_max_body_size` (1 MiB) refused.
    # An answer that never ends, such as server-sent events, says `X-Accel-Buffering: no`, or waits in a buffer.
    proxy_set_header Upgrade $offload_upgrade;
    proxy_set_header Connection $offload_connection;
    proxy_set_header Host $host$offload_port;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
{hidden}}}

# A file that went away in between: nginx would keep the file's Cache-Control.
location @offload_missing {{
    add_header Cache-Control no-store always;
    return 404;
}}
"
    );
    for rule in rules {
        sending(&mut text, rule, passed, false)?;
        sending(&mut text, &rule.own(), passed, true)?;
    }
    nginx_remote::write(&mut text, remotes, passed);
    Ok(text)
}

/// A location that sends files. `own`: the validators are said by the application.
fn sending(text: &mut String, rule: &Rule, passed: &[HeaderName], own: bool) -> Result<(), OffloadError> {
    let location = target(rule)?;
    let folder = quote::nginx(&format!("{}/", root(rule)?)).ok_or_else(|| unwritable(rule))?;
    let from = quote::nginx(&format!("from={}", root(rule)?)).ok_or_else(|| unwritable(rule))?;
    let validators = if own {
        "    # The same, where the application says `ETag` and `Last-Modified`, and has answered what is not modified.
    etag off;
    if_modified_since off;"
    } else {
        "    # The validators are those of the file; a later time than the file's is as good as its own.
    etag on;
    if_modified_since before;"
    };
    let _ = write!(
        text,
        "
location {location} {{
    # Only on the application's word. Both slashes matter.
    internal;
    alias {folder};
    disable_symlinks on {from};
    error_page 403 404 = @offload_missing;
    # A folder that came in a file's place: nginx would redirect to it, by a name that is nobody's business.
    if (-d $request_filename) {{ return 404; }}
{validators}
    # nginx drops the application's headers but for a few.
"
    );
    let more = passed.iter().map(HeaderName::as_str);
    for name in PASSED.iter().copied().chain(more).filter(|name| own || !is_validator(name)) {
        let variable = name.to_ascii_lowercase().replace('-', "_");
        let _ = writeln!(text, "    add_header {name} $upstream_http_{variable};");
    }
    text.push_str("}\n");
    Ok(())
}

pub(super) fn is_validator(name: &str) -> bool {
    name.eq_ignore_ascii_case(ETAG.as_str()) || name.eq_ignore_ascii_case(LAST_MODIFIED.as_str())
}
