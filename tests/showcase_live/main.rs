//! The showcase's board in Chromium: two people, three devices, a server that dies and comes back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "../foreign/mod.rs"]
mod foreign;

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use foreign::{node_modules, run};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/showcase_live/node");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PACKAGES: &str = "apt-get install -y --no-install-recommends chromium nodejs npm";

fn chromium() -> PathBuf {
    let named = env::var_os("CHROMIUM").map(PathBuf::from);
    let usual =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    let found = named.into_iter().chain(usual).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no Chromium; run: {PACKAGES}"))
}

/// Built by whoever runs all tests; whoever runs this one alone builds it here.
fn showcase() -> PathBuf {
    run(Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--all-features", "--example", "showcase"])
        .current_dir(ROOT));
    // Beside this program: <target>/<profile>/deps/showcase_live-<hash>.
    let profile = env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    profile.join("examples/showcase")
}

/// The copy in the page is what npm has in the version of the lock file, in which all tests use it.
fn compare(modules: &Path) {
    let npm = modules.join("centrifuge");
    let page = Path::new(ROOT).join("examples/showcase/page/centrifuge");
    for (theirs, ours) in [("dist/centrifuge.js", "centrifuge.js"), ("LICENSE", "LICENSE")] {
        let same = fs::read(npm.join(theirs)).unwrap() == fs::read(page.join(ours)).unwrap();
        assert!(same, "scripts/update-assets.sh brings {ours} up to date");
    }
}

#[test]
fn two_browsers_see_the_same() {
    let chromium = chromium();
    let modules = node_modules("showcase_live", HERE);
    compare(&modules);
    let showcase = showcase();
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("showcase_live_seen");
    let _ = fs::remove_dir_all(&shots);
    fs::create_dir_all(&shots).unwrap();
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    println!("screenshots, and the server's log: {}", shots.display());
    run(Command::new("node")
        .arg(Path::new(HERE).join("browsers.js"))
        .arg(&showcase)
        .arg(port.to_string())
        .arg(shots.join("board.sqlite"))
        .args([&chromium, &shots])
        .env("NODE_PATH", &modules));
}
