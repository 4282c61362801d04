//! The system takes no more bytes: a child process of this one, whose files may not grow beyond a limit.

use std::{
    env,
    process::{Command, Stdio},
};

use actix_charter::download::{Download, cache::DownloadCache};
use futures_util::join;

use crate::fixture::{Shelf, Spring, pattern};

const CHILD: &str = "ACTIX_CHARTER_FULL_DISK";

#[test]
fn a_full_disk_cuts_nothing_short() {
    // 64 KiB in dash, which counts in 512 bytes; other shells may take the double. The signal is ignored, so that the write fails.
    let limited = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
    let child = Command::new("sh")
        .args(["-c", limited])
        .arg(env::current_exe().unwrap())
        .args(["full_disk::on_a_full_disk", "--exact", "--ignored", "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && told.contains("1 passed"), "{told}");
}

#[actix_web::test]
#[ignore = "is run by the test above, in a process of its own"]
async fn on_a_full_disk() {
    assert!(env::var_os(CHILD).is_some(), "the limit is not set");
    let directory = tempfile::tempdir().unwrap();
    let large = pattern(1_000_000);
    std::fs::write(directory.path().join("large"), &large).unwrap_err();
    let cache = DownloadCache::new(directory.path().join("cache")).unwrap();
    let shelf = Shelf { directory, cache };
    for _ in 0..2 {
        let answer = shelf.get(Download::bytes(large.clone()).cached("bytes")).await;
        assert!(answer.whole && answer.body == large);
        shelf.assert_empty();
    }
    // Half a file is there and read by two when it fails; each is sent the rest.
    let (spring, mut taps) = Spring::new();
    let mut first = shelf.open(spring.download("a"));
    let (tap, ()) = join!(
        async {
            let tap = taps.next().await;
            tap.give("Hello");
            tap
        },
        first.reads("Hello")
    );
    let mut second = shelf.open(spring.download("a"));
    let mut third = shelf.open(spring.download("a").etag("W/\"v1\""));
    second.reads("Hello").await;
    tap.give(large.clone());
    drop(tap);
    let whole = async |client: &mut crate::fixture::Client| {
        let mut read = Vec::new();
        while let Some(chunk) = client.next().await {
            read.extend_from_slice(&chunk.unwrap());
        }
        assert!(read == large);
    };
    whole(&mut first).await;
    let own = async {
        let own = taps.next().await;
        own.give("Hello");
        own.give(large.clone());
    };
    join!(whole(&mut second), own);
    // Another key, which nobody fills: its own.
    let own = async { taps.next().await.give("Hello") };
    join!(third.reads("Hello"), own);
    third.ends().await;
    shelf.assert_holds(1);
    // What fits is kept.
    shelf.get(Download::text("Hello").cached("small")).await;
    shelf.assert_holds(2);
}
