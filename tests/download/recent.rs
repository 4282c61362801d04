//! Files that a thread has open from a moment ago: an answer does not tell that it was made out of one.

use std::{
    env,
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    process::Command,
    sync::Barrier,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use actix_charter::download::{Delivery, Download, DownloadError, Root, offload::Offload};
use actix_web::{HttpResponse, Responder, body::to_bytes, rt::System, test::TestRequest};
use proptest::prelude::*;
use tokio::{
    runtime::Handle,
    time::{advance, pause},
};

use crate::fixture::{Files, modified};

/// Status, headers and body.
type Answer = (u16, Vec<(String, String)>, Vec<u8>);

async fn read(answer: HttpResponse) -> Answer {
    let headers = answer.headers().iter();
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (answer.status().as_u16(), headers, to_bytes(answer.into_body()).await.unwrap().to_vec())
}

fn nginx(files: &Path) -> Offload {
    Offload::nginx().map(files, "/files/").unwrap().min_size(0)
}

/// With nobody in front, or nginx, which is told our validators: those of now.
fn deliveries(files: &Path) -> [Delivery; 2] {
    [Delivery::new(), nginx(files).own_validators().into()]
}

fn request(delivery: &Delivery) -> actix_web::HttpRequest {
    TestRequest::default().app_data(delivery.clone()).to_http_request()
}

async fn asked(root: &Root, name: &str, delivery: &Delivery) -> Answer {
    // No file is used before the task is there that will close it.
    tokio::task::yield_now().await;
    read(Download::path(root, name).respond_to(&request(delivery))).await
}

/// Out of a file that is opened for it.
async fn anew(root: &Root, name: &str, delivery: &Delivery) -> Answer {
    read(match root.open(name) {
        Ok(file) => Download::file(file).respond_to(&request(delivery)),
        Err(unavailable) => HttpResponse::from_error(DownloadError::from(unavailable)),
    })
    .await
}

fn open_files(below: &Path) -> usize {
    let below = below.canonicalize().unwrap();
    let is_file = |path: &Path| path.starts_with(&below) && path != below;
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().flatten();
    descriptors.filter(|fd| fs::read_link(fd.path()).is_ok_and(|path| is_file(&path))).count()
}

/// How many files this thread reads while it does that.
async fn reads(what: impl AsyncFn()) -> u64 {
    let so_far = || -> u64 {
        let told = fs::read_to_string("/proc/thread-self/io").unwrap();
        told.lines().find_map(|line| line.strip_prefix("syscr: ")).unwrap().parse().unwrap()
    };
    let before = so_far();
    let to_find_out = so_far() - before;
    let before = so_far();
    what().await;
    so_far() - before - to_find_out
}

/// Until the bytes are remembered, which are those of a file that nobody has written to for some ticks of the kernel.
async fn until_it_is_not_read(root: &Root, name: &str, expected: &Answer) {
    let begun = Instant::now();
    let ask = async || assert_eq!(&asked(root, name, &Delivery::new()).await, expected);
    while reads(ask).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{name} is read each time");
    }
}

const NAME: &str = "sub/page.html";

type Change = fn(&Path);

/// What may happen to a file between two answers, most of it so that size and time are what they were.
const CHANGES: [(&str, u16, Change); 17] = [
    ("nothing", 200, |_| {}),
    ("replaced", 200, |at| put(at, "OTHER")),
    ("written", 200, |at| {
        fs::write(at.join(NAME), "OTHER").unwrap();
        date(&at.join(NAME));
    }),
    ("longer", 200, |at| fs::write(at.join(NAME), "longer").unwrap()),
    ("cut", 200, |at| File::options().write(true).open(at.join(NAME)).unwrap().set_len(1).unwrap()),
    ("dated", 200, |at| {
        File::options().write(true).open(at.join(NAME)).unwrap().set_modified(modified() + HOUR).unwrap();
    }),
    ("deleted", 404, |at| fs::remove_file(at.join(NAME)).unwrap()),
    ("moved", 404, |at| fs::rename(at.join(NAME), at.join("moved.html")).unwrap()),
    ("moved and back", 200, |at| {
        fs::rename(at.join(NAME), at.join("moved.html")).unwrap();
        fs::rename(at.join("moved.html"), at.join(NAME)).unwrap();
    }),
    ("folder moved", 404, |at| fs::rename(at.join("sub"), at.join("elsewhere")).unwrap()),
    ("folder replaced", 200, |at| {
        fs::rename(at.join("sub"), at.join("elsewhere")).unwrap();
        fs::create_dir(at.join("sub")).unwrap();
        put(at, "OTHER");
    }),
    ("folder out of the root", 404, |at| {
        fs::rename(at.join("sub"), at.join("../outside")).unwrap();
        symlink("../outside", at.join("sub")).unwrap();
    }),
    ("folder behind a link", 200, |at| {
        fs::rename(at.join("sub"), at.join("elsewhere")).unwrap();
        symlink("elsewhere", at.join("sub")).unwrap();
    }),
    ("file out of the root", 404, |at| {
        fs::rename(at.join(NAME), at.join("../outside.html")).unwrap();
        symlink("../../outside.html", at.join(NAME)).unwrap();
    }),
    ("behind a link", 200, |at| {
        fs::rename(at.join(NAME), at.join("sub/real.html")).unwrap();
        symlink("real.html", at.join(NAME)).unwrap();
    }),
    ("a folder", 404, |at| {
        fs::remove_file(at.join(NAME)).unwrap();
        fs::create_dir(at.join(NAME)).unwrap();
    }),
    ("root moved, another one there", 200, |at| {
        fs::rename(at, at.join("../old")).unwrap();
        fs::create_dir_all(at.join("sub")).unwrap();
        put(at, "OTHER");
    }),
];

const HOUR: Duration = Duration::from_secs(3600);

/// Another file of the same length and age.
fn put(at: &Path, content: &str) {
    fs::write(at.join("new"), content).unwrap();
    date(&at.join("new"));
    fs::rename(at.join("new"), at.join(NAME)).unwrap();
}

fn date(path: &Path) {
    File::options().write(true).open(path).unwrap().set_modified(modified()).unwrap();
}

#[actix_web::test]
async fn whatever_happens_to_a_file_is_seen_at_once() {
    pause();
    for (change, status, change_it) in CHANGES {
        for (delivery, remembered) in [(0, false), (0, true), (1, false)] {
            let directory = tempfile::tempdir().unwrap();
            let at = directory.path().join("root");
            fs::create_dir_all(at.join("sub")).unwrap();
            put(&at, "HELLO");
            let root = Root::new(&at).unwrap();
            let delivery = &deliveries(&at)[delivery];
            let before = anew(&root, NAME, delivery).await;
            assert_eq!(before.0, 200);
            for _ in 0..3 {
                assert_eq!(asked(&root, NAME, delivery).await, before);
            }
            if remembered {
                until_it_is_not_read(&root, NAME, &before).await;
            }
            assert_eq!(open_files(&at), 1, "{change}: the test shows nothing of a file that is not kept");
            change_it(&at);
            let expected = anew(&root, NAME, delivery).await;
            assert_eq!(expected.0, status, "{change}");
            for _ in 0..3 {
                assert_eq!(asked(&root, NAME, delivery).await, expected, "{change}");
            }
            // They would take each other's place.
            for _ in 0..2 {
                advance(Duration::from_millis(1001)).await;
                tokio::task::yield_now().await;
            }
        }
    }
}

/// nginx opens the file after us in any case, and tells what it finds: so we need not look each time. `tests/proxies/told.rs` has
/// what comes of it.
#[actix_web::test]
async fn nginx_is_told_a_name_without_a_look_for_two_seconds() {
    pause();
    type With = fn(Download) -> Download;
    type Looks = (&'static str, bool, With, Option<(&'static str, &'static str)>);
    let cases: [Looks; 9] = [
        ("plain", false, |download| download, None),
        ("inline", false, Download::inline, None),
        ("a part", false, |download| download, Some(("range", "bytes=0-1"))),
        ("kept already", true, |download| download, Some(("if-none-match", "\"x\""))),
        (
            "kept since",
            true,
            |download| download,
            Some(("if-modified-since", "Tue, 02 Jan 2024 03:04:04 GMT")),
        ),
        ("tagged", true, |download| download.etag("v1"), None),
        ("untagged", true, Download::without_etag, None),
        ("dated", true, |download| download.last_modified(modified()), None),
        ("named", true, |download| download.file_name("b.txt"), None),
    ];
    for (case, looks, with, header) in cases {
        let files = Files::new();
        let delivery = Delivery::from(nginx(files.path()));
        let ask = async || {
            tokio::task::yield_now().await;
            let mut request = TestRequest::default().app_data(delivery.clone());
            if let Some(header) = header {
                request = request.insert_header(header);
            }
            let answer =
                with(Download::path(&files.root, "hello.txt")).respond_to(&request.to_http_request());
            read(answer).await
        };
        let before = ask().await;
        let told = before.1.iter().find(|(name, _)| name == "x-accel-redirect").unwrap();
        assert!(matches!(told.1.as_str(), "/files/hello.txt" | "/files~own/hello.txt"), "{case}");
        let says_more = before.1.iter().any(|(name, _)| name == "etag" || name == "last-modified");
        assert_eq!(told.1.contains("~own"), says_more, "{case}");
        for _ in 0..3 {
            assert_eq!(ask().await, before, "{case}");
        }
        fs::remove_file(files.path().join("hello.txt")).unwrap();
        for _ in 0..3 {
            let after = ask().await;
            assert_eq!(after.0, if looks { 404 } else { 200 }, "{case}");
            assert!(looks || after == before, "{case}");
        }
        for _ in 0..2 {
            advance(Duration::from_millis(1001)).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(ask().await.0, 404, "{case}");
    }
}

#[actix_web::test]
async fn a_small_file_is_not_read_again() {
    pause();
    let files = Files::new();
    files.write("large.txt", "x".repeat(8193));
    files.write("other.txt", "Hello, world!");
    let delivery = &Delivery::new();
    let hello = anew(&files.root, "hello.txt", delivery).await;
    until_it_is_not_read(&files.root, "hello.txt", &hello).await;
    // Out of its bytes come its parts, too.
    let part = async |name: &str| {
        tokio::task::yield_now().await;
        let request = TestRequest::default().insert_header(("range", "bytes=7-11")).to_http_request();
        let answer = read(Download::path(&files.root, name).respond_to(&request)).await;
        assert_eq!((answer.0, answer.2), (206, b"world".to_vec()));
    };
    assert_eq!(reads(async || part("hello.txt").await).await, 0);
    // But a part is not taken for the whole.
    for _ in 0..4 {
        assert_eq!(reads(async || part("other.txt").await).await, 1);
    }
    assert_eq!(asked(&files.root, "other.txt", delivery).await.2, b"Hello, world!");
    let large = async || assert_eq!(asked(&files.root, "large.txt", delivery).await.0, 200);
    for _ in 0..5 {
        assert_eq!(reads(large).await, 1);
    }
}

/// Two changes within a tick of the kernel's clock may leave the same time.
#[actix_web::test]
async fn what_was_written_just_now_is_read_each_time() {
    let files = Files::new();
    let age = || {
        let changed = files.path().join("hello.txt").metadata().unwrap();
        let changed = UNIX_EPOCH + Duration::new(changed.ctime() as u64, changed.ctime_nsec() as u32);
        SystemTime::now().duration_since(changed).unwrap_or_default()
    };
    let ask = async || assert_eq!(asked(&files.root, "hello.txt", &Delivery::new()).await.0, 200);
    for _ in 0..1000 {
        fs::write(files.path().join("hello.txt"), "Hello").unwrap();
        let mut least = u64::MAX;
        for _ in 0..5 {
            least = least.min(reads(ask).await);
        }
        // Else the machine was too slow to show it.
        if age() < Duration::from_millis(100) {
            assert_eq!(least, 1);
            return;
        }
    }
    panic!("five answers took 100 ms, a thousand times");
}

/// A file that may not be read any more. To the superuser it makes no difference.
#[actix_web::test]
async fn permissions_are_asked_for() {
    let files = Files::new();
    let delivery = &Delivery::new();
    for mode in [0o644, 0o000, 0o644] {
        fs::set_permissions(files.path().join("hello.txt"), fs::Permissions::from_mode(mode)).unwrap();
        let expected = anew(&files.root, "hello.txt", delivery).await;
        for _ in 0..3 {
            assert_eq!(asked(&files.root, "hello.txt", delivery).await, expected, "{mode:o}");
        }
        assert_eq!(open_files(files.path()), usize::from(expected.0 == 200));
    }
}

#[actix_web::test]
async fn a_root_knows_nothing_of_what_another_may_serve() {
    pause();
    let files = Files::new();
    files.write(".hidden", "hidden");
    let (delivery, with_hidden) = (&Delivery::new(), files.root.clone().with_hidden());
    for _ in 0..3 {
        assert_eq!(asked(&with_hidden, ".hidden", delivery).await.0, 200);
        assert_eq!(asked(&files.root, ".hidden", delivery).await.0, 404);
    }
}

#[actix_web::test]
async fn files_are_kept_when_they_are_asked_for_again_and_closed_soon() {
    pause();
    let files = Files::new();
    let ask = async || assert_eq!(asked(&files.root, "hello.txt", &Delivery::new()).await.0, 200);
    // Whoever closes them waits before it, and closes them after it.
    let tick = async || {
        tokio::task::yield_now().await;
        advance(Duration::from_millis(1001)).await;
        tokio::task::yield_now().await;
    };
    for _ in 0..3 {
        ask().await;
        assert_eq!(open_files(files.path()), 0, "a file that is asked for once is closed");
        advance(Duration::from_millis(1001)).await;
    }
    ask().await;
    for _ in 0..3 {
        ask().await;
        assert_eq!(open_files(files.path()), 1);
    }
    // The one who closes them may have looked just before.
    tick().await;
    tick().await;
    assert_eq!(open_files(files.path()), 0, "a deleted file would fill its disk");
    // And not only once.
    for _ in 0..3 {
        ask().await;
        ask().await;
        assert_eq!(open_files(files.path()), 1);
        tick().await;
        tick().await;
        assert_eq!(open_files(files.path()), 0);
    }
}

#[actix_web::test]
async fn no_more_than_a_few_are_open() {
    pause();
    let files = Files::new();
    for number in 0..300 {
        files.write(&number.to_string(), "x");
    }
    for _ in 0..5 {
        for number in 0..300 {
            asked(&files.root, &number.to_string(), &Delivery::new()).await;
        }
    }
    let open = open_files(files.path());
    assert!((32..=64).contains(&open), "{open}");
}

/// Whether this is a process of its own, where the other tests have nothing open and `ulimit -n` is as said. Else the test has
/// passed in one, by then.
fn is_alone(test: &str, descriptors: u32) -> bool {
    const MARK: &str = "ACTIX_CHARTER_ALONE";
    if env::var_os(MARK).is_some() {
        return true;
    }
    let child = Command::new("sh")
        .args(["-c", &format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"")])
        .arg(env::current_exe().unwrap())
        .args(["--exact", &format!("recent::{test}"), "--nocapture"])
        .env(MARK, "1")
        .output()
        .unwrap();
    assert!(child.status.success(), "{child:?}");
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"), "{child:?}");
    false
}

/// However many workers there are.
#[test]
fn all_workers_together_have_a_few_open() {
    if !is_alone("all_workers_together_have_a_few_open", 1024) {
        return;
    }
    let files = Files::new();
    for number in 0..300 {
        files.write(&number.to_string(), "x");
    }
    let most = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let system = System::new();
                system.block_on(async {
                    pause();
                    for number in (0..300).cycle().take(900) {
                        asked(&files.root, &number.to_string(), &Delivery::new()).await;
                    }
                });
                most.wait();
                let open = open_files(files.path());
                assert!((128..=256).contains(&open), "{open}");
                most.wait();
            });
        }
    });
    assert_eq!(open_files(files.path()), 0);
}

/// Where no more files can be opened, those that are not needed are closed.
#[test]
fn what_is_kept_costs_nobody_an_answer() {
    if !is_alone("what_is_kept_costs_nobody_an_answer", 48) {
        return;
    }
    let files = Files::new();
    let other = files.write("other", "x");
    System::new().block_on(async {
        for cycle in ["1", "2", "3", "4", "5"] {
            files.write(cycle, "x");
            for _ in 0..3 {
                assert_eq!(asked(&files.root, "hello.txt", &Delivery::new()).await.0, 200);
            }
            let mut taken = Vec::new();
            while let Ok(file) = File::open(&other) {
                taken.push(file);
            }
            assert!(taken.len() > 10);
            assert_eq!(asked(&files.root, cycle, &Delivery::new()).await.0, 200);
            let busy = File::open(&other).unwrap();
            assert_eq!(asked(&files.root, "other", &Delivery::new()).await.0, 500);
            drop(busy);
        }
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 1, "one closes them, however often");
    });
}

/// To look at each folder costs as much as to open the file.
#[actix_web::test]
async fn far_down_nothing_is_kept() {
    let files = Files::new();
    for (name, open) in [("a/b/c/file", 0), ("a/b/file", 1)] {
        files.write(name, "x");
        for _ in 0..3 {
            assert_eq!(asked(&files.root, name, &Delivery::new()).await.0, 200);
        }
        assert_eq!(open_files(files.path()), open, "{name}");
    }
}

/// What another machine has said of a file may be old, and of some file systems nobody knows.
#[actix_web::test]
async fn of_other_file_systems_nothing_is_kept() {
    let root = Root::new("/proc/sys/kernel").unwrap();
    for _ in 0..3 {
        assert_eq!(asked(&root, "ostype", &Delivery::new()).await.0, 200);
        assert_eq!(open_files(root.path()), 0);
    }
}

/// Where nobody would close them, nothing is kept.
#[test]
fn outside_of_a_worker_nothing_is_kept() {
    let files = Files::new();
    let answer = || Download::path(&files.root, "hello.txt").respond_to(&request(&Delivery::new()));
    for _ in 0..3 {
        assert_eq!(answer().status(), 200);
        assert_eq!(open_files(files.path()), 0);
    }
    for _ in 0..3 {
        let system = System::new();
        system.block_on(async {
            for _ in 0..3 {
                assert_eq!(answer().status(), 200);
            }
        });
        assert_eq!(open_files(files.path()), 1);
        drop(system);
        assert_eq!(open_files(files.path()), 0, "the runtime has ended");
    }
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    threads.block_on(async {
        for _ in 0..3 {
            assert_eq!(answer().status(), 200);
        }
    });
    assert_eq!(open_files(files.path()), 0);
    System::new().block_on(async {
        // It has the worker's runtime at hand, and is not the one that runs it.
        for _ in 0..3 {
            let root = files.root.clone();
            let answer =
                move || Download::path(&root, "hello.txt").respond_to(&request(&Delivery::new())).status();
            assert_eq!(actix_web::rt::task::spawn_blocking(answer).await.unwrap(), 200);
            assert!(open_files(files.path()) <= 1);
        }
    });
}

#[derive(Debug, Clone)]
enum Step {
    Ask(usize),
    Write(usize, usize),
    Rename(usize, usize),
    Remove(usize),
    Folder(usize),
    Link(usize, usize),
    Name(usize, usize),
    Pass,
}

const NAMES: [&str; 7] = ["a", "b", "sub/a", "sub/b", "sub", "other/a", "other"];

fn step() -> impl Strategy<Value = Step> {
    let name = || 0..NAMES.len();
    prop_oneof![
        8 => name().prop_map(Step::Ask),
        2 => (name(), 0..3_usize).prop_map(|(name, length)| Step::Write(name, length)),
        3 => (name(), name()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => name().prop_map(Step::Remove),
        1 => name().prop_map(Step::Folder),
        1 => (name(), name()).prop_map(|(to, at)| Step::Link(to, at)),
        1 => (name(), name()).prop_map(|(of, at)| Step::Name(of, at)),
        1 => Just(Step::Pass),
    ]
}

impl Step {
    /// Most of it is impossible most of the time, which is as good as anything.
    fn take(&self, root: &Path, content: &mut impl Iterator<Item = u8>) {
        let at = |name: usize| root.join(NAMES[name]);
        let _ = match *self {
            Self::Ask(_) | Self::Pass => Ok(()),
            Self::Write(name, length) => {
                fs::write(at(name), content.by_ref().take(length).collect::<Vec<_>>())
            }
            Self::Rename(from, to) => fs::rename(at(from), at(to)),
            Self::Remove(name) => fs::remove_file(at(name)).or_else(|_| fs::remove_dir_all(at(name))),
            Self::Folder(name) => fs::create_dir(at(name)),
            Self::Link(to, name) => symlink(NAMES[to], at(name)),
            Self::Name(of, name) => fs::hard_link(at(of), at(name)),
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn answers_are_those_of_files_that_are_opened_anew(
        steps in prop::collection::vec(step(), 1..60),
        handed_over in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        for folder in ["sub", "other"] {
            fs::create_dir(directory.path().join(folder)).unwrap();
        }
        let root = Root::new(directory.path()).unwrap();
        let delivery = &deliveries(directory.path())[usize::from(handed_over)];
        let mut content = (b'a'..=b'z').cycle();
        System::new().block_on(async {
            pause();
            for name in ["a", "b", "sub/a", "sub/b", "other/a"] {
                fs::write(root.path().join(name), name).unwrap();
                asked(&root, name, delivery).await;
                asked(&root, name, delivery).await;
            }
            for step in steps {
                step.take(root.path(), &mut content);
                match step {
                    Step::Ask(name) => {
                        let found = asked(&root, NAMES[name], delivery).await;
                        prop_assert_eq!(found, anew(&root, NAMES[name], delivery).await);
                    }
                    Step::Pass => advance(Duration::from_millis(700)).await,
                    _ => {}
                }
            }
            Ok(())
        })?;
    }
}
