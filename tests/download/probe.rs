//! The endpoint that `Offload::check` asks: it says nothing to anyone else, and gives nothing but what the check put there.

use std::net::SocketAddr;

use actix_charter::download::offload::{Offload, OffloadError};
use actix_test::TestServer;
use actix_web::App;

use crate::{
    fixture::Files,
    wire::{Answer, send},
};

const TOKEN: &str = "0123456789abcdef";

fn serve(offload: &Offload) -> TestServer {
    let probe = offload.probe("/.check/", TOKEN).unwrap();
    actix_test::start(move || App::new().service(probe.clone()))
}

fn hex(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn ask(at: SocketAddr, path: &str) -> Answer {
    send(at, "GET", path, &[("X-Offload-Check", TOKEN)])
}

#[actix_web::test]
async fn who_has_no_token_learns_nothing() {
    let files = Files::new();
    files.write("offload-check.txt", "probe");
    let offload = Offload::nginx().map(files.path(), "/protected/").unwrap().remote("/remote/").unwrap();
    let server = serve(&offload);
    let file = format!("/.check/file/0/{}", hex("offload-check.txt"));
    let absent = format!("/.check/file/0/{}", hex("offload-check-2.txt"));
    for path in [
        "/.check/plain",
        "/.check/other",
        "/.check/given",
        "/.check/remote",
        "/.check/remote-own",
        "/.check/hidden",
        "/remote/",
        "/remote/own",
        &file,
        &absent,
        "/protected/offload-check.txt",
        "/elsewhere",
    ] {
        for headers in [
            &[][..],
            &[("X-Offload-Check", "")],
            &[("X-Offload-Check", "0123456789abcdeF")],
            &[("X-Offload-Check", "0123456789abcdef0")],
            &[("X-Offload-Check", "\u{e9}")],
            &[("Authorization", TOKEN)],
            &[("Authorization", "Bearer 0123456789abcdeF")],
        ] {
            let answer = send(server.addr(), "GET", path, headers);
            assert_eq!((answer.status, answer.body.len()), (404, 0), "{path} {headers:?}");
            assert_eq!((answer.header("x-offload-check"), answer.header("x-accel-redirect")), (None, None));
        }
    }
    assert_eq!(ask(server.addr(), "/.check/plain").body, b"plain");
}

#[actix_web::test]
async fn who_has_it_gets_the_checks_files_only() {
    let files = Files::new();
    files.write("offload-check-1.txt", "probe");
    files.write("secret.txt", "secret");
    std::fs::create_dir(files.path().join("offload-check-folder")).unwrap();
    files.write("offload-check-folder/a", "within");
    let server = serve(&Offload::nginx().map(files.path(), "/protected/").unwrap());
    let at = server.addr();
    let file = ask(at, &format!("/.check/file/0/{}", hex("offload-check-1.txt")));
    assert_eq!((file.status, file.header("x-accel-redirect")), (200, Some("/protected/offload-check-1.txt")));
    for name in [
        "secret.txt",
        "hello.txt",
        "",
        "../offload-check",
        "offload-check/../secret.txt",
        "offload-check-folder/a",
        "offload-check-folder",
        "offload-check\0",
        "Offload-Check-1.txt",
    ] {
        for what in ["file", "named", "outside", "escape"] {
            // A folder, and a name that is another one, are the proxy's to refuse.
            if what != "file" && name == "offload-check-folder" {
                continue;
            }
            let answer = ask(at, &format!("/.check/{what}/0/{}", hex(name)));
            assert_eq!((answer.status, answer.header("x-accel-redirect")), (404, None), "{what} {name:?}");
        }
    }
    for odd in ["/.check/file/1/", "/.check/file/x/", "/.check/other/0/"] {
        assert_eq!(ask(at, &format!("{odd}{}", hex("offload-check-1.txt"))).status, 404, "{odd}");
    }
    for digits in ["zz", "6", "+6", "ff", "6f6"] {
        assert_eq!(ask(at, &format!("/.check/file/0/{digits}")).status, 404, "{digits}");
    }
}

#[actix_web::test]
async fn what_comes_back_is_told() {
    let files = Files::new();
    let server = serve(&Offload::nginx().map(files.path(), "/protected/").unwrap());
    for path in ["/protected/offload-check-1.txt", "/protectedoffload-check-1.txt"] {
        let answer = ask(server.addr(), path);
        assert_eq!((answer.status, answer.header("x-offload-check")), (404, Some("came-back")), "{path}");
    }
    for path in ["/protected/other.txt", "/protected/", "/protected"] {
        assert_eq!(ask(server.addr(), path).header("x-offload-check"), None, "{path}");
    }
    // A server that takes paths has no such locations.
    let server = serve(&Offload::apache().root(files.path()).unwrap());
    let path = format!("{}/offload-check-1.txt", files.path().display());
    assert_eq!(ask(server.addr(), &path).header("x-offload-check"), None);
}

#[test]
fn a_probe_that_anyone_could_ask_is_refused() {
    let files = Files::new();
    let offload = Offload::nginx().map(files.path(), "/protected/").unwrap();
    let refused = |path: &str, token: &str| offload.probe(path, token).err();
    assert_eq!(refused("/check", "0123456789abcde"), Some(OffloadError::Token));
    assert_eq!(refused("/check", ""), Some(OffloadError::Token));
    for path in ["", "/", "check", "/{a}"] {
        assert_eq!(refused(path, TOKEN), Some(OffloadError::Probe), "{path}");
    }
    assert_eq!(refused("/check", TOKEN), None);
    assert!(!format!("{:?}", offload.probe("/check", TOKEN)).contains(TOKEN));
}
