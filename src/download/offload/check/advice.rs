//! What to write into whose configuration. The directives are those of [`config_fragment`](super::super::Offload::config_fragment).

use std::path::Path;

use super::spot::Spot;
use crate::download::offload::{
    Offload,
    rule::Rule,
    server::{Language, Server},
};

/// What the server is called.
pub(super) const fn name(server: &Server) -> &'static str {
    match server.language {
        Language::Nginx => "nginx",
        Language::Apache => "Apache",
        Language::Lighttpd => "lighttpd",
        Language::Caddy => "Caddy",
        Language::Unknown => "the proxy",
    }
}

fn target(rule: &Rule) -> String {
    String::from_utf8_lossy(&rule.target).into_owned()
}

fn folder(path: &Path) -> String {
    path.display().to_string()
}

/// The proxy does not act on the header.
pub(super) fn enable(server: &Server) -> String {
    match server.language {
        Language::Nginx => {
            "Take `proxy_ignore_headers X-Accel-Redirect` and `proxy_pass_header X-Accel-Redirect` out; and see that nginx is what answers at this address.".to_owned()
        }
        Language::Apache => "Add `XSendFile On` to the `<VirtualHost>`, and load mod_xsendfile (`a2enmod xsendfile`).".to_owned(),
        Language::Lighttpd => "Add `\"x-sendfile\" => \"enable\"` to the entry in `proxy.server`.".to_owned(),
        Language::Caddy => {
            "Add `@offload header X-Accel-Redirect *` and `handle_response @offload { .. }` with a `file_server` to `reverse_proxy`.".to_owned()
        }
        Language::Unknown => format!("Make the proxy act on the header `{}`.", server.header),
    }
}

/// An internal location was asked of the application.
pub(super) fn unmapped(server: &Server, rule: &Rule) -> String {
    let (target, root) = (target(rule), folder(&rule.root));
    match server.language {
        Language::Nginx => {
            format!("Add `location {target} {{ internal; alias \"{root}/\"; }}` to the `server` block.")
        }
        Language::Caddy => format!(
            "Add `handle_path {target}* {{ root * \"{root}\" .. file_server }}` to `handle_response @offload`."
        ),
        _ => format!("Map the internal location `{target}` to the folder {root}."),
    }
}

/// The file was not found, or not allowed, by the proxy.
pub(super) fn not_served(server: &Server, rule: &Rule, status: u16) -> String {
    let (target, root) = (target(rule), folder(&rule.root));
    let mut advice = match server.language {
        Language::Nginx => format!("`location {target}` must say `alias \"{root}/\";`, with both slashes."),
        Language::Apache => format!(
            "Add `XSendFilePath \"{}\"`: Apache sends from the folders named so only.",
            target.trim_end_matches('/')
        ),
        Language::Lighttpd => format!("`\"x-sendfile-docroot\"` must name `\"{target}\"`."),
        Language::Caddy => format!("`handle_path {target}*` must say `root * \"{root}\"`."),
        Language::Unknown => format!("`{target}` must lead to the folder {root}."),
    };
    if status == 502 || status == 500 {
        advice.push_str(" Its error log says more.");
    }
    if let Some((closed, mode)) = super::files::closed_folder(&rule.root) {
        advice.push_str(&format!(
            " The folder {} (mode {mode:03o}) is closed to others: let the user that the proxy runs as enter it, with `chmod o+x` or through its group.",
            closed.display()
        ));
    }
    advice
}

/// nginx does not fetch as it should.
pub(super) fn fetching(location: &str) -> String {
    format!("Write `location = {location}` as `config_fragment` has it.")
}

/// The application does not say what it should, or not to the check.
pub(super) fn told(offload: &Offload, expected: &str) -> String {
    let header = &offload.server().header;
    let mut advice = format!(
        "Give it the same rules as the check, so that it says `{header}: {expected}`; and see which middleware changes it."
    );
    if offload.has_trusted_peers() {
        advice.push_str(" It says so to `trusted_peers` only: run the check from the address of one.");
    }
    advice
}

/// A header of the application's answer that does not arrive.
pub(super) fn header(server: &Server, spot: &Spot, name: &str) -> String {
    let target = target(&spot.rule);
    match (server.language, name) {
        (Language::Nginx, "etag" | "last-modified") if !spot.own => format!(
            "Add `etag on;` to `location {target}`, and take `add_header {} ..` and what compresses its answers out.",
            title_case(name)
        ),
        (Language::Nginx, "etag") => format!(
            "Add `etag off;`, `if_modified_since off;` and `add_header ETag $upstream_http_etag;` to `location {target}`."
        ),
        (Language::Nginx, "content-type" | "content-disposition" | "cache-control" | "accept-ranges") => {
            format!("Take the directives that change it out of `location {target}`.")
        }
        (Language::Nginx, name) => {
            let variable = name.replace('-', "_");
            format!("Add `add_header {} $upstream_http_{variable};` to `location {target}`.", title_case(name))
        }
        (Language::Caddy, "etag" | "last-modified") => {
            let name = title_case(name);
            format!("Add `header {name} {{rp.header.{name}}}`, with `defer`, to `handle_response @offload`.")
        }
        (Language::Caddy, _) => {
            "Add `copy_response_headers { exclude X-Accel-Redirect Content-Length }` to `handle_response @offload`.".to_owned()
        }
        (Language::Apache, "etag") => "Add `FileETag None` to the `<VirtualHost>`.".to_owned(),
        _ => format!("Make {} pass on `{}` of the application's answer.", self::name(server), title_case(name)),
    }
}

/// `X-Content-Type-Options`, as people write it.
fn title_case(name: &str) -> String {
    if name == "etag" {
        return "ETag".to_owned();
    }
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

/// The internal location is not internal.
pub(super) fn internal(server: &Server, rule: &Rule) -> String {
    let target = target(rule);
    match server.language {
        Language::Nginx => format!("Add `internal;` to `location {target}`."),
        Language::Caddy => format!("Move `handle_path {target}*` into `handle_response @offload`."),
        _ => format!("Let `{target}` be reached on the application's word only."),
    }
}

/// What lies outside of the root is served.
pub(super) fn escapes(server: &Server, rule: &Rule) -> String {
    let (target, root) = (target(rule), folder(&rule.root));
    match server.language {
        Language::Nginx => {
            format!(
                "Write `location {target} {{ internal; alias \"{root}/\"; }}`: the location and the alias both end with a slash."
            )
        }
        Language::Apache => {
            "Let `XSendFilePath` name the folders of the files only, each for itself.".to_owned()
        }
        Language::Lighttpd => format!(
            "Add `\"x-sendfile-docroot\" => ( \"{target}\" )` to the entry in `proxy.server`: without it lighttpd sends every file that it can read."
        ),
        Language::Caddy => {
            format!("Write `handle_path {target}*` with `root * \"{root}\"`: the path ends with `/*`.")
        }
        Language::Unknown => format!("`{target}` must lead into the folder {root} only."),
    }
}

pub(super) fn gone(server: &Server, rule: &Rule) -> String {
    match server.language {
        Language::Nginx => format!(
            "Add `error_page 403 404 = @offload_missing;` to `location {}`, and `location @offload_missing {{ add_header Cache-Control no-store always; return 404; }}`.",
            target(rule)
        ),
        Language::Caddy => {
            "After `file_server { pass_thru }`, add `header Cache-Control no-store` and `respond 404`."
                .to_owned()
        }
        _ => "Let the proxy's 404 say `Cache-Control: no-store`.".to_owned(),
    }
}

pub(super) fn link(rule: &Rule) -> String {
    format!("Add `disable_symlinks on \"from={}\";` to `location {}`.", folder(&rule.root), target(rule))
}

pub(super) fn hidden(server: &Server, name: &str) -> String {
    match server.language {
        Language::Nginx => {
            format!("Add `proxy_hide_header {name};`, or find what in the application sends it.")
        }
        Language::Apache => format!("Add `Header unset {name}`, or find what in the application sends it."),
        _ => format!("Take `{name}` out of the proxy's answers, or find what in the application sends it."),
    }
}

pub(super) fn host(server: &Server) -> &'static str {
    match server.language {
        Language::Nginx => "Look at `proxy_pass` in `location /`, and at nginx's error log.",
        Language::Apache => "Look at `ProxyPass / http://..`, and at Apache's error log.",
        Language::Lighttpd => "Look at `proxy.server`, and at lighttpd's error log.",
        Language::Caddy => "Look at `reverse_proxy`, and at Caddy's log.",
        Language::Unknown => "Look at the proxy's configuration and log.",
    }
}
