//! Names of files, as hostile as a file system allows.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use crate::{Case, Front, Kind, client::get};

/// Each name, and which servers are told it: nginx, Apache, lighttpd, Caddy.
const NAMES: &[(&[u8], [bool; 4])] = &[
    (b"plain.txt", [true; 4]),
    (b"with space.txt", [true; 4]),
    (b" leading.txt", [true; 4]),
    (b"trailing ", [true, false, true, false]),
    ("é ü 文件 😀.txt".as_bytes(), [true; 4]),
    (b"100%.txt", [true; 4]),
    (b"%41.txt", [true; 4]),
    (b"%2e%2e%2fsecret.txt", [true; 4]),
    (b"%zz", [true; 4]),
    (b"what?.txt", [true, true, true, false]),
    (b"a?b=c&d", [true, true, true, false]),
    (b"hash#tag.txt", [true; 4]),
    (b"semi;colon.txt", [true; 4]),
    (b"quote\"s'.txt", [true; 4]),
    (b"back\\slash\\..\\x", [true; 4]),
    (b"a&b+c,d=e$f@g!h*i(j)k[l]m|n^o`p<q>r:s", [true; 4]),
    (b"{http.request.host}.txt", [true; 4]),
    (b"{env.HOME}", [true; 4]),
    (b"$document_root ${PATH} %{HOST}", [true; 4]),
    (b"..hidden", [true; 4]),
    (b".hidden", [true; 4]),
    (b"dots...", [true; 4]),
    (b"index.html", [true; 4]),
    (b"dir.d/index.html", [true; 4]),
    (b"a/b/c/d.txt", [true; 4]),
    (b"http:/x", [true; 4]),
    (b"-rf", [true; 4]),
    (b"~root", [true; 4]),
    (b"two\nlines", [true, false, false, false]),
    (b"split\r\nSet-Cookie: a=b", [true, false, false, false]),
    (b"tab\there", [true, false, false, false]),
    (b"\x01\x1f\x7f", [true, false, false, false]),
    (b"latin \xe9.txt", [true, true, false, true]),
    (b"\xff\xfe", [true, true, false, true]),
    ("bidi \u{202e}txt.exe".as_bytes(), [true; 4]),
    ("no-break end\u{a0}".as_bytes(), [true; 4]),
    (b".htaccess", [true; 4]),
    (b"x.php", [true; 4]),
];

fn every_name_arrives(kind: Kind) {
    // With validators of the application's, and without: nginx has a location for either.
    let ways: [fn(&[u8]) -> Case; 2] =
        [|name| Case::new(name), |name| Case::new(name).without("etag").without("last-modified")];
    let ways = if kind == Kind::Apache { &ways[..1] } else { &ways[..] };
    let cases = ways.iter().flat_map(|way| NAMES.iter().map(|(name, _)| way(name)));
    let front = Front::start(kind, cases.collect());
    let mut wrong = Vec::new();
    for (number, (name, told)) in ways.iter().flat_map(|_| NAMES).enumerate() {
        let answer = get(front.address, &format!("/{number}"));
        let told = told[kind as usize];
        if answer.status != 200
            || answer.body != front.site.case(number).content
            || answer.has("x-sent-by") == told
        {
            wrong.push(format!("{:?}, told: {told}: {answer:?}", String::from_utf8_lossy(name)));
        }
        assert!(!answer.headers.iter().any(|(name, value)| name == "set-cookie" && value != "seen=1"));
    }
    assert!(wrong.is_empty(), "{kind:?}:\n{}", wrong.join("\n"));
}

/// Any bytes that a file system takes as a name, with those that mean something in between more often.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => prop::char::range(' ', '~').prop_map(|character| character as u8),
        2 => prop::sample::select(b"%?#;&+ \\\"'{}$%25%3f..".to_vec()),
        1 => 1_u8..=255,
    ];
    let bytes = prop::collection::vec(byte.prop_filter("a separator", |byte| *byte != b'/'), 1..24);
    let text = "[^/\\x00]{1,12}".prop_map(String::into_bytes);
    prop_oneof![bytes, text].prop_filter("a way, not a name", |name| name != b"." && name != b"..")
}

/// What the encoders make of random names, each real server makes the name again: always of the same ones, and of others each
/// time. `PROXY_NAMES_SEED` repeats those that a failure tells of.
fn random_names_arrive(kind: Kind) {
    let told = std::env::var("PROXY_NAMES_SEED").ok().map(|seed| seed.parse().expect("a number"));
    // The standard library's hasher is keyed at random.
    let new = || std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
    for seed in told.map_or_else(|| vec![0, new()], |seed| vec![seed]) {
        names_of_a_seed_arrive(kind, seed);
    }
}

fn names_of_a_seed_arrive(kind: Kind, seed: u64) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let generator = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), generator);
    let cases: Vec<Case> = (0..300)
        .map(|number| {
            let name = name().new_tree(&mut runner).unwrap().current();
            // A folder each: two names may be one.
            Case::new([format!("{number}/").as_bytes(), &name].concat())
        })
        .collect();
    let front = Front::start(kind, cases);
    let mut wrong = Vec::new();
    for number in 0..300 {
        let answer = get(front.address, &format!("/{number}"));
        let case = front.site.case(number);
        if answer.status != 200 || answer.body != case.content {
            wrong.push(format!("{:?} {:?}: {answer:?}", case.name, String::from_utf8_lossy(&case.name)));
        }
    }
    assert!(wrong.is_empty(), "{kind:?}, PROXY_NAMES_SEED={seed}:\n{}", wrong.join("\n"));
    let told = front.site.handed_over();
    assert!(told > 50, "PROXY_NAMES_SEED={seed}: only {told} names were told");
}

macro_rules! behind {
    ($($name:ident $kind:ident)*) => {$(
        mod $name {
            #[test]
            fn every_name_arrives() { super::every_name_arrives(crate::Kind::$kind); }
            #[test]
            fn random_names_arrive() { super::random_names_arrive(crate::Kind::$kind); }
        }
    )*};
}
behind! { nginx Nginx apache Apache lighttpd Lighttpd caddy Caddy }
