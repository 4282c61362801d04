//! A directory of its own: made, locked, swept, and never shared.

use std::{
    error::Error,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use actix_charter::download::{
    Download,
    cache::{CacheError, DownloadCache},
};

use crate::fixture::{Shelf, names, never};

#[actix_web::test]
async fn what_is_whole_outlives_the_process() {
    let shelf = Shelf::new();
    shelf.get(Download::text("Hello").etag("v1").cached("a")).await;
    let shelf = shelf.again().await;
    assert_eq!(shelf.get(never("a")).await.text(), "Hello");
}

#[actix_web::test]
async fn what_a_crash_left_is_removed_at_the_start() {
    let shelf = Shelf::new();
    for text in ["Hello", "short", "doubled"] {
        shelf.get(Download::text(text).etag("v1").cached(text)).await;
    }
    let find = |size: usize| {
        let end = format!("-{size:x}");
        shelf.names().into_iter().filter(|name| name.ends_with(&end)).collect::<Vec<_>>()
    };
    let [a, b] = &find(5)[..] else { panic!("two files") };
    let keep = if fs::read(shelf.cache.path().join(a)).unwrap() == b"Hello" { a } else { b }.clone();
    let cut = if keep == *a { b } else { a }.clone();
    let [doubled] = &find(7)[..] else { panic!("one file") };
    let doubled = doubled.clone();
    let path = shelf.cache.path().to_owned();
    fs::write(path.join(".fill-0123456789abcdef"), "half a file").unwrap();
    fs::write(path.join(".fill-"), "").unwrap();
    // The machine went down before its bytes were on the disk.
    fs::write(path.join(&cut), "sho").unwrap();
    // The same file in two lengths: the newer one counts.
    fs::write(path.join(doubled.replace("-7", "-3")), "new").unwrap();
    let shelf = shelf.again().await;
    assert_eq!(shelf.get(never("Hello")).await.text(), "Hello");
    assert_eq!(shelf.get(never("doubled")).await.text(), "new");
    assert_eq!(shelf.get(never("short")).await.status().as_u16(), 500);
    shelf.assert_holds(2);
}

#[actix_web::test]
async fn one_directory_is_one_caches() {
    let shelf = Shelf::new();
    let error = DownloadCache::new(shelf.cache.path()).unwrap_err();
    assert!(matches!(error, CacheError::InUse { .. }), "{error:?}");
    assert!(error.to_string().ends_with("make the cache once, before the server's workers, and clone it"));
    // Clones share it, until the last is gone.
    let clone = shelf.cache.clone();
    let path = clone.path().to_owned();
    let Shelf { directory, cache } = shelf;
    drop(cache);
    assert!(DownloadCache::new(&path).is_err());
    drop(clone);
    assert!(DownloadCache::new(&path).is_ok());
    drop(directory);
}

#[test]
fn what_is_not_the_caches_is_never_touched() {
    for foreign in
        ["notes.txt", ".hidden", "0123", &"0".repeat(64), &format!("{}-5x", "0".repeat(64)), ".locked"]
    {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(foreign), "mine").unwrap();
        fs::write(directory.path().join(".fill-1"), "half").unwrap();
        let error = DownloadCache::new(directory.path()).unwrap_err();
        assert!(
            matches!(&error, CacheError::Foreign { name, .. } if name.as_os_str() == foreign),
            "{error:?}"
        );
        assert!(error.to_string().contains(foreign));
        assert_eq!(names(directory.path()).len(), 2);
    }
    for name in [".lock", ".fill-1", &format!("{}-5", "0".repeat(64))] {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join(name)).unwrap();
        assert!(matches!(DownloadCache::new(directory.path()), Err(CacheError::Foreign { .. })), "{name}");
        fs::remove_dir(directory.path().join(name)).unwrap();
        symlink("/etc/hostname", directory.path().join(name)).unwrap();
        assert!(matches!(DownloadCache::new(directory.path()), Err(CacheError::Foreign { .. })), "{name}");
    }
}

#[test]
fn what_cannot_be_a_directory_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    // Not even root can make these.
    for path in [file.clone(), file.join("below"), "/proc/nothing/cache".into(), "\0".into()] {
        let error = DownloadCache::new(&path).unwrap_err();
        assert!(matches!(error, CacheError::Unusable { .. }), "{error:?}");
        assert!(error.source().is_some());
    }
}

#[actix_web::test]
async fn a_proxy_may_open_what_it_knows_the_name_of() {
    let shelf = Shelf::new();
    shelf.get(Download::text("Hello").cached("a")).await;
    let mode = |name: &str| fs::metadata(shelf.cache.path().join(name)).unwrap().permissions().mode() & 0o777;
    let [name] = &shelf.names()[..] else { panic!("one file") };
    // Whatever the umask leaves of it.
    let plain = shelf.directory.path().join("plain");
    fs::write(&plain, "").unwrap();
    let umask = 0o666 & !(fs::metadata(plain).unwrap().permissions().mode() & 0o777);
    assert_eq!(mode(name), 0o644 & !umask);
    assert_eq!(mode("") | 0o011 & umask, 0o711);
    assert_eq!(mode(".lock"), 0o600);
    // One that is there keeps its mode.
    let there = shelf.directory.path().join("there");
    fs::create_dir(&there).unwrap();
    fs::set_permissions(&there, fs::Permissions::from_mode(0o2750)).unwrap();
    DownloadCache::new(&there).unwrap();
    assert_eq!(fs::metadata(&there).unwrap().permissions().mode() & 0o7777, 0o2750);
}

#[test]
fn directories_above_are_made() {
    let directory = tempfile::tempdir().unwrap();
    let cache = DownloadCache::new(directory.path().join("a/b/c")).unwrap();
    assert_eq!(cache.path(), directory.path().canonicalize().unwrap().join("a/b/c"));
    assert_eq!(cache.root().path(), cache.path());
    assert_eq!(format!("{cache:?}"), format!("DownloadCache {{ path: {:?}, .. }}", cache.path()));
}

#[actix_web::test]
async fn nobody_can_tell_the_name_of_a_file_from_what_it_is() {
    let (one, other) = (Shelf::new(), Shelf::new());
    for shelf in [&one, &other] {
        shelf.get(Download::text("Hello").etag("v1").cached("a")).await;
        shelf.assert_holds(1);
    }
    assert_ne!(one.names(), other.names());
    let secret = |shelf: &Shelf| fs::read(shelf.cache.path().join(".lock")).unwrap();
    assert_ne!(secret(&one), secret(&other));
    assert_eq!(secret(&one).len(), 32);
    // It stays: what is kept is found again.
    let (before, names) = (secret(&one), one.names());
    let one = one.again().await;
    assert_eq!((secret(&one), one.names()), (before, names));
    assert_eq!(one.get(never("a")).await.text(), "Hello");
    // Without it, nothing is found again, and nothing stays.
    fs::write(one.cache.path().join(".lock"), "cut short").unwrap();
    let one = one.again().await;
    assert_eq!(secret(&one).len(), 32);
    one.assert_empty();
}
