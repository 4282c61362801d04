//! The server's side of the rules, in its own language. `tests/proxies` runs each server with what stands here.

mod apache;
mod caddy;
mod lighttpd;
mod nginx;
mod nginx_remote;
mod quote;

use actix_web::http::header::HeaderName;

use super::{OffloadError, remote::Remotes, rule::Rule, server::Language};

pub(super) fn write(
    language: Language,
    rules: &[Rule],
    remotes: &Remotes,
    passed: &[HeaderName],
    upstream: &str,
) -> Result<String, OffloadError> {
    if !is_upstream(upstream) {
        return Err(OffloadError::Upstream { upstream: upstream.to_owned() });
    }
    match language {
        Language::Nginx => nginx::write(rules, remotes, passed, upstream),
        Language::Apache => apache::write(rules, upstream),
        Language::Lighttpd => lighttpd::write(rules, upstream),
        Language::Caddy => caddy::write(rules, upstream),
        Language::Unknown => Err(OffloadError::NoFragment),
    }
}

/// Text as nginx's configuration holds it; `None` if it cannot.
pub(super) fn nginx_quoted(text: &str) -> Option<String> {
    quote::nginx(text)
}

/// `host:port`, `[::1]:port`: nothing that could end a directive.
fn is_upstream(upstream: &str) -> bool {
    let Some((host, port)) = upstream.rsplit_once(':') else { return false };
    let name = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let address = |host: &str| host.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
    let host_is_good = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inside) => address(inside) && !inside.is_empty(),
        None => name(host) && !host.is_empty(),
    };
    host_is_good && port.parse::<u16>().is_ok_and(|port| port != 0)
}

/// The directory that the server reads, as text. Rules of path servers may name another one than the root.
fn target(rule: &Rule) -> Result<&str, OffloadError> {
    std::str::from_utf8(&rule.target).map_err(|_| unwritable(rule))
}

fn root(rule: &Rule) -> Result<&str, OffloadError> {
    rule.root.to_str().ok_or_else(|| unwritable(rule))
}

fn unwritable(rule: &Rule) -> OffloadError {
    OffloadError::Unwritable { root: rule.root.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::offload::Offload;

    #[test]
    fn an_upstream_is_a_host_and_a_port() {
        for good in ["127.0.0.1:9001", "localhost:80", "app-1.internal:8080", "[::1]:9001"] {
            assert!(is_upstream(good), "{good}");
        }
        for bad in [
            "",
            "host",
            "host:",
            ":80",
            "host:0",
            "host:65536",
            "a b:80",
            "a;:80",
            "http://a:80",
            "[]:80",
            "a/:80",
            "::1:80",
        ] {
            assert!(!is_upstream(bad), "{bad}");
        }
    }

    /// A rule whose root need not exist.
    fn written(language: Language, root: &str) -> Result<String, OffloadError> {
        let target = match language {
            Language::Nginx | Language::Caddy => "/protected/".to_owned(),
            _ => format!("{root}/"),
        };
        write(
            language,
            &[Rule { root: root.into(), target: target.into() }],
            &Remotes::default(),
            &[],
            "127.0.0.1:9001",
        )
    }

    #[test]
    fn the_fragments() {
        let all = [Language::Nginx, Language::Apache, Language::Lighttpd, Language::Caddy]
            .map(|language| written(language, "/srv/media files").unwrap());
        insta::assert_snapshot!(all.join("\n----\n\n"));
    }

    #[test]
    fn the_fragment_with_remote_files() {
        let offload = Offload::nginx().remote("/remote/").unwrap().resolver("127.0.0.53").unwrap();
        let offload = offload.authorities("/etc/ssl/certs/ca-certificates.crt").unwrap();
        insta::assert_snapshot!(offload.config_fragment("127.0.0.1:9001").unwrap());
    }

    #[test]
    fn a_root_that_a_language_cannot_hold_is_told() {
        let held = |root: &str| {
            [Language::Nginx, Language::Apache, Language::Lighttpd, Language::Caddy]
                .map(|language| written(language, root).is_ok())
        };
        assert_eq!(held("/srv/a\"b\\c"), [true, true, false, false]);
        assert_eq!(held("/srv/$HOME"), [false, false, true, true]);
        assert_eq!(held("/srv/{$HOME}"), [false, false, true, false]);
        assert_eq!(held("/srv/a\nb"), [false; 4]);
    }

    #[test]
    fn a_server_that_is_not_known_has_no_fragment() {
        let error = Offload::litespeed().config_fragment("127.0.0.1:9001").unwrap_err();
        assert_eq!(error, OffloadError::NoFragment);
    }
}
