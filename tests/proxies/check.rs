//! `Offload::check` against real servers: all is found sound that our fragments wrote, and every mistake is found and named.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use actix_charter::download::offload::{CheckReport, Offload, Standing};
use actix_web::rt;

use crate::{
    Front, Kind, Site,
    site::{PROBE, TOKEN},
};

/// What the check says of a running server.
fn check(front: &Front) -> CheckReport {
    check_with(front, &front.site.offload)
}

fn check_with(front: &Front, offload: &Offload) -> CheckReport {
    let check = offload
        .check(&format!("http://{}{PROBE}", front.address), TOKEN)
        .application(&format!("http://{}{PROBE}", front.site.application))
        .host("localhost");
    let report = rt::System::new().block_on(check.run());
    // Nothing stays behind, whatever was found.
    for folder in [&front.site.root, &front.site.base] {
        let names =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> = names.filter(|name| name.contains("offload-check-")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
    report
}

/// A server before the application, configured by hand: our fragment, with one thing changed.
#[track_caller]
fn broken(kind: Kind, change: impl Fn(&Site, String) -> String) -> CheckReport {
    let site = Site::start(vec![], |_, root| kind.offload(root));
    let fragment = site.offload.config_fragment(&site.application.to_string()).unwrap();
    let changed = change(&site, fragment.clone());
    assert_ne!(changed, fragment, "nothing was broken");
    check(&Front::before(kind, site, &changed))
}

/// The report has a problem whose sentence and advice hold these words.
#[track_caller]
fn assert_found(report: &CheckReport, seen: &str, advice: &str) {
    let found = report.problems().any(|problem| {
        problem.seen.contains(seen) && problem.advice.as_deref().is_some_and(|text| text.contains(advice))
    });
    assert!(found, "expected a problem with {seen:?} and the advice {advice:?}:\n{report}");
    assert!(!report.is_sound());
}

/// No other problem than those with these words.
#[track_caller]
fn assert_only(report: &CheckReport, seen: &[&str]) {
    for problem in report.problems() {
        assert!(seen.iter().any(|seen| problem.seen.contains(seen)), "not expected: {problem:?}\n{report}");
    }
}

#[track_caller]
fn assert_sound(report: &CheckReport) {
    assert!(report.is_sound(), "{report}");
    let seen = report.to_string();
    for sentence in [
        "reaches the application.",
        "can be read.",
        "The application hands over files of",
        "byte by byte.",
        "security headers are the application's.",
        "HEAD is answered",
        "Ranges are served",
        "not sent again.",
        "`?` or letters like é are sent.",
        "404 that no cache keeps.",
        "Nothing outside of",
        "No order to a proxy reaches the client.",
        "What a client says to proxies",
    ] {
        assert!(seen.contains(sentence), "{sentence:?} is not in:\n{seen}");
    }
    assert!(seen.ends_with("Sound."), "{seen}");
}

fn sound(kind: Kind) {
    let report = check(&Front::start(kind, vec![]));
    assert_sound(&report);
    let notes = report.findings().iter().filter(|finding| finding.standing == Standing::Note).count();
    // The other three follow symbolic links, and are said to.
    assert_eq!(notes, usize::from(kind != Kind::Nginx), "{report}");
}

#[test]
fn nginx_is_sound() {
    sound(Kind::Nginx);
}

#[test]
fn apache_is_sound() {
    sound(Kind::Apache);
}

#[test]
fn lighttpd_is_sound() {
    sound(Kind::Lighttpd);
}

#[test]
fn caddy_is_sound() {
    sound(Kind::Caddy);
}

#[test]
fn several_roots_are_sound() {
    for kind in [Kind::Nginx, Kind::Lighttpd] {
        let front = Front::with(kind, vec![], |base, offload| {
            let other = base.join("other");
            fs::create_dir_all(&other).unwrap();
            if kind == Kind::Nginx {
                offload.map(&other, "/o/").unwrap()
            } else {
                offload.root(&other).unwrap()
            }
        });
        let report = check(&front);
        assert_sound(&report);
        for root in ["media files", "other"] {
            assert!(report.to_string().contains(&format!("{root}, byte by byte")), "{report}");
        }
    }
}

#[test]
fn a_root_that_cannot_be_written_to() {
    // A folder that nobody can write to, root neither.
    let folder = Path::new("/sys/kernel");
    let front = Front::start(Kind::Nginx, vec![]);
    let other = Offload::nginx().map(folder, "/protected/").unwrap();
    let report = check_with(&front, &other);
    assert_found(
        &report,
        "No file can be written into /sys/kernel",
        "put a readable file `offload-check.txt` there",
    );
}

#[test]
fn nginx_without_the_location() {
    let report =
        broken(Kind::Nginx, |_, text| text.replace("location /protected/ {", "location /elsewhere/ {"));
    assert_found(
        &report,
        "nginx asks the application for the file that it was to send",
        "Add `location /protected/ { internal; alias",
    );
}

#[test]
fn nginx_without_the_location_for_our_validators() {
    let report =
        broken(Kind::Nginx, |_, text| text.replace("location /protected~own/ {", "location /elsewhere/ {"));
    assert_found(
        &report,
        "nginx asks the application for the file that it was to send",
        "Add `location /protected~own/ {",
    );
    assert_only(&report, &["nginx asks the application for the file"]);
    assert!(report.to_string().contains("byte by byte"), "{report}");
}

#[test]
fn nginx_with_a_wrong_alias() {
    let report = broken(Kind::Nginx, |site, text| {
        let base = site.base.display();
        text.replace(
            &format!("alias \"{base}/media files/\""),
            &format!("alias \"{base}/media files-private/\""),
        )
    });
    assert_found(&report, "nginx does not send files of", "`location /protected/` must say `alias");
    assert_only(&report, &["nginx does not send files of"]);
}

#[test]
fn nginx_with_an_alias_without_its_slash() {
    let report = broken(Kind::Nginx, |_, text| {
        text.replace(
            "media files/\";\n    disable_symlinks on",
            "media files\";\n    disable_symlinks off; #",
        )
    });
    assert_found(&report, "The `alias` for", "the location and the alias both end with a slash");
    assert_found(&report, "nginx does not send files of", "with both slashes");
}

#[test]
fn nginx_with_a_location_without_its_slash() {
    let report = broken(Kind::Nginx, |_, text| {
        let text = text.replace("location /protected/ {", "location /protected {");
        text.replace("disable_symlinks on", "disable_symlinks off; #")
    });
    assert_found(
        &report,
        "lacks its slash at the end: files outside of the folder can be reached",
        "both end with a slash",
    );
    assert_found(&report, "A symbolic link that leads out", "Add `disable_symlinks on \"from=");
    // Neither has it: other files are within reach.
    let report = broken(Kind::Nginx, |_, text| {
        let text = text.replace("location /protected/ {", "location /protected {");
        text.replace(
            "media files/\";\n    disable_symlinks on",
            "media files\";\n    disable_symlinks off; #",
        )
    });
    assert_found(
        &report,
        "lacks its slash at the end: files outside of the folder can be reached",
        "both end with a slash",
    );
}

#[test]
fn nginx_with_a_location_for_everyone() {
    let report = broken(Kind::Nginx, |_, text| text.replace("    internal;\n", ""));
    assert_found(
        &report,
        "`/protected/` can be reached from outside",
        "Add `internal;` to `location /protected/`",
    );
    assert_only(&report, &["can be reached from outside"]);
    // With the other mistake it is the whole disk.
    let report = broken(Kind::Nginx, |_, text| {
        text.replace("    internal;\n", "")
            .replace("location /protected/ {", "location /protected {")
            .replace("disable_symlinks on", "disable_symlinks off; #")
    });
    assert_found(&report, "Files outside of", "both end with a slash");
}

#[test]
fn nginx_that_drops_headers() {
    let report = broken(Kind::Nginx, |_, text| {
        let lines = text.lines().filter(|line| !line.contains("add_header") || line.contains("always"));
        lines.collect::<Vec<_>>().join("\n")
    });
    for (header, advice) in [
        ("etag", "add_header ETag $upstream_http_etag;"),
        (
            "x-content-type-options",
            "Add `add_header X-Content-Type-Options $upstream_http_x_content_type_options;` to `location /protected/`",
        ),
        ("content-security-policy", "add_header Content-Security-Policy"),
        ("vary", "add_header Vary $upstream_http_vary;"),
    ] {
        assert_found(&report, header, advice);
    }
}

#[test]
fn nginx_with_validators_of_its_own() {
    let report = broken(Kind::Nginx, |_, text| {
        text.replace("    etag off;\n", "").replace("    add_header ETag $upstream_http_etag;\n", "")
    });
    assert_found(&report, "The `etag` is not the application's", "`etag off;`");
}

#[test]
fn nginx_that_tells_no_validators() {
    let report = broken(Kind::Nginx, |_, text| text.replace("    etag on;\n", "    etag off;\n"));
    assert_found(
        &report,
        "The `etag` of the file does not arrive.",
        "Add `etag on;` to `location /protected/`, and take `add_header ETag ..`",
    );
    assert_only(&report, &["The `etag` of the file"]);
}

#[test]
fn nginx_whose_404_is_kept() {
    let report =
        broken(Kind::Nginx, |_, text| text.replace("    error_page 403 404 = @offload_missing;\n", ""));
    assert_found(&report, "caches keep the error", "error_page 403 404 = @offload_missing;");
    assert_only(&report, &["caches keep the error"]);
}

#[test]
fn nginx_that_ignores_the_header() {
    let report = broken(Kind::Nginx, |_, text| {
        text.replace("proxy_http_version 1.1;", "proxy_http_version 1.1; proxy_ignore_headers X-Accel-Redirect; proxy_pass_header X-Accel-Redirect;")
    });
    assert_found(&report, "nginx does not act on `x-accel-redirect`", "proxy_ignore_headers");
    assert_found(
        &report,
        "The header `x-accel-redirect` reaches the client",
        "proxy_pass_header X-Accel-Redirect",
    );
    let report = broken(Kind::Nginx, |_, text| {
        text.replace(
            "proxy_http_version 1.1;",
            "proxy_http_version 1.1; proxy_ignore_headers X-Accel-Redirect;",
        )
    });
    assert_found(&report, "nginx sends empty files", "proxy_ignore_headers");
}

/// The location that the application does not use is there all the same.
#[test]
fn nginx_with_our_validators() {
    let broken = |change: &dyn Fn(String) -> String| {
        let site = Site::start(vec![], |_, root| Kind::Nginx.offload(root).own_validators());
        let fragment = site.offload.config_fragment(&site.application.to_string()).unwrap();
        check(&Front::before(Kind::Nginx, site, &change(fragment)))
    };
    assert_sound(&broken(&|text| text));
    let report = broken(&|text| text.replacen("    internal;\n", "", 1));
    assert_found(
        &report,
        "`/protected/` can be reached from outside",
        "Add `internal;` to `location /protected/`",
    );
}

#[test]
fn nginx_without_ranges() {
    let report = broken(Kind::Nginx, |_, text| text.replace("    etag off;", "    max_ranges 0; etag off;"));
    assert_found(&report, "A range is answered with status 200", "max_ranges 0");
    assert_only(&report, &["A range is answered"]);
}

#[test]
fn nginx_that_lets_clients_give_orders() {
    // Someone echoes a request's header.
    let report = broken(Kind::Nginx, |_, text| {
        text.replace(
            "location / {",
            "location / { if ($http_x_accel_redirect) { rewrite ^ $http_x_accel_redirect break; }",
        )
        .replace("    internal;\n", "")
    });
    assert!(!report.is_sound(), "{report}");
    assert!(
        report
            .problems()
            .any(|problem| problem.seen.contains("X-Accel-Redirect and X-Sendfile is answered differently")),
        "{report}"
    );
}

#[test]
fn nginx_that_does_not_reach_the_application() {
    let report = broken(Kind::Nginx, |site, text| text.replace(&site.application.to_string(), "127.0.0.1:1"));
    assert_found(&report, "nginx answers 502: it does not reach the application", "`proxy_pass`");
    assert_eq!(report.findings().len(), 1);
}

#[test]
fn nginx_that_redirects() {
    let report = broken(Kind::Nginx, |_, _| "return 301 https://media.example.org$request_uri;".to_owned());
    assert_found(
        &report,
        "is redirected to https://media.example.org/.offload-check/plain",
        "Check that address instead",
    );
}

#[test]
fn apache_that_is_not_told() {
    let report = broken(Kind::Apache, |_, text| text.replace("XSendFile On", "XSendFile Off"));
    assert_found(
        &report,
        "Apache does not act on `x-sendfile`: clients get an empty file",
        "Add `XSendFile On`",
    );
    assert_found(&report, "The header `x-sendfile` reaches the client", "Add `XSendFile On`");
    // That nothing else is sent either is no good sign.
    assert!(!report.to_string().contains("Nothing outside of"), "{report}");
}

#[test]
fn apache_without_the_folder() {
    let report = broken(Kind::Apache, |site, text| {
        text.replace(
            &format!("XSendFilePath \"{}/media files/\"", site.base.display()),
            "XSendFilePath /var/empty",
        )
    });
    assert_found(&report, "Apache does not send files of", "Add `XSendFilePath \"");
}

#[test]
fn apache_that_sends_too_much() {
    let report =
        broken(Kind::Apache, |site, text| text + &format!("XSendFilePath \"{}\"\n", site.base.display()));
    assert_found(&report, "Apache sends files outside of", "name the folders of the files only");
}

#[test]
fn apache_that_may_not_enter() {
    let front = Front::start(Kind::Apache, vec![]);
    fs::set_permissions(&front.site.root, fs::Permissions::from_mode(0o700)).unwrap();
    let report = check(&front);
    assert_found(&report, "Apache does not send files of", "(mode 700) is closed to others");
}

#[test]
fn lighttpd_that_is_not_told() {
    let report = broken(Kind::Lighttpd, |_, text| {
        text.replace("\"x-sendfile\" => \"enable\"", "\"x-sendfile\" => \"disable\"")
    });
    // It takes the header out all the same.
    assert_found(&report, "lighttpd sends empty files", "Add `\"x-sendfile\" => \"enable\"`");
}

#[test]
fn lighttpd_that_sends_everything() {
    let report = broken(Kind::Lighttpd, |site, text| {
        let line = format!("\"x-sendfile-docroot\" => ( \"{}/media files/\" )", site.base.display());
        text.replace(&line, "")
    });
    assert_found(&report, "lighttpd sends files outside of", "Add `\"x-sendfile-docroot\" => (");
    assert_only(&report, &["lighttpd sends files outside of"]);
}

#[test]
fn lighttpd_with_another_docroot() {
    let report =
        broken(Kind::Lighttpd, |_, text| text.replace("media files/\" )", "media files-private/\" )"));
    assert_found(&report, "lighttpd does not send files of", "`\"x-sendfile-docroot\"` must name");
}

#[test]
fn caddy_that_drops_headers() {
    let report = broken(Kind::Caddy, |_, text| {
        text.replace("        copy_response_headers {\n            exclude X-Accel-Redirect Content-Length\n        }\n", "")
    });
    assert_found(&report, "`x-content-type-options`", "copy_response_headers");
    assert_found(&report, "`content-disposition`", "copy_response_headers");
}

#[test]
fn caddy_that_is_not_told() {
    let report = broken(Kind::Caddy, |site, _| format!("reverse_proxy {}\n", site.application));
    assert_found(&report, "Caddy does not act on `x-accel-redirect`", "handle_response @offload");
}

#[test]
fn an_application_without_the_probe() {
    let front = Front::start(Kind::Nginx, vec![]);
    for (path, token) in [("/elsewhere", TOKEN), (PROBE, "another token, just as long")] {
        let check =
            front.site.offload.check(&format!("http://{}{path}", front.address), token).host("localhost");
        let report = rt::System::new().block_on(check.run());
        assert_found(
            &report,
            "The probe of the application does not answer",
            "App::new().service(offload.probe(path, token)?)",
        );
        assert_eq!(report.findings().len(), 1);
    }
}

#[test]
fn an_application_with_other_rules() {
    let front = Front::start(Kind::Nginx, vec![]);
    let private = front.site.base.join("media files-private");
    let report = check_with(&front, &Kind::Nginx.offload(&private));
    assert_found(&report, "The application does not find the check's file", "with the same rules");
}

#[test]
fn nobody_is_there() {
    let media = tempfile::tempdir().unwrap();
    let offload = Kind::Nginx.offload(media.path());
    let run = |url: &str| rt::System::new().block_on(offload.check(url, TOKEN).run());
    assert_found(&run("http://127.0.0.1:1/.offload-check"), "There is no answer at", "Start nginx");
    assert_found(&run("ftp://127.0.0.1/"), "is no URL of a web server", "https://");
    assert_eq!(fs::read_dir(media.path()).unwrap().count(), 0);
}

/// nginx that fetches, and hands over no files; its fragment with one thing changed.
fn fetching(change: impl Fn(String) -> String) -> CheckReport {
    let site = Site::start(vec![], |_, _| Offload::nginx().remote("/remote/").unwrap());
    let fragment = site.offload.config_fragment(&site.application.to_string()).unwrap();
    check(&Front::before(Kind::Nginx, site, &change(fragment)))
}

#[test]
fn nginx_that_fetches_is_sound() {
    let report = fetching(|text| text);
    assert!(report.is_sound(), "{report}");
    let seen = report.to_string();
    for sentence in [
        "nginx fetches files for the application, and shows its credentials.",
        "Of a fetched file, type, name, validators and security headers are the application's.",
        "The internal location `/remote/` cannot be reached from outside.",
        "No order to a proxy reaches the client.",
    ] {
        assert!(seen.contains(sentence), "{sentence:?} is not in:\n{seen}");
    }
}

#[test]
fn nothing_to_hand_over_is_told() {
    let site = Site::start(vec![], |_, _| Offload::nginx());
    let fragment = site.offload.config_fragment(&site.application.to_string()).unwrap();
    let report = check(&Front::before(Kind::Nginx, site, &fragment));
    assert_found(&report, "nothing is ever handed over", "`map` or `root`");
}

#[test]
fn nginx_that_cannot_fetch() {
    let report = fetching(|text| text.replace("location = /remote/ {", "location = /elsewhere/ {"));
    assert_found(&report, "it has no location `/remote/`", "as `config_fragment` has it");
    let report = fetching(|text| text.replace("location = /remote/own {", "location = /elsewhere/ {"));
    assert_found(&report, "it has no location `/remote/own`", "as `config_fragment` has it");
    let report = fetching(|text| text.replace("proxy_set_header Authorization", "proxy_set_header X-Other"));
    assert_found(&report, "does not fetch the file by `/remote/`", "as `config_fragment` has it");
}

#[test]
fn nginx_that_fetches_and_says_too_much() {
    let report = fetching(|text| text.replace("    proxy_hide_header Set-Cookie;\n", ""));
    assert_found(
        &report,
        "`set-cookie` of the other server reaches the client",
        "as `config_fragment` has it",
    );
    let report = fetching(|text| text.replacen("    proxy_hide_header x-download-url;\n", "", 1));
    assert_found(
        &report,
        "The header `x-download-url` reaches the client",
        "Add `proxy_hide_header x-download-url;`",
    );
    let report =
        fetching(|text| text.replace("    add_header Content-Security-Policy $", "    add_header X-Other $"));
    assert_found(
        &report,
        "`content-security-policy` does not arrive with a fetched file",
        "as `config_fragment`",
    );
}

#[test]
fn nginx_that_fetches_for_anyone() {
    let report = fetching(|text| text.replace("    internal;\n", ""));
    assert_found(
        &report,
        "`/remote/` can be reached from outside",
        "Add `internal;` to `location = /remote/`",
    );
}
