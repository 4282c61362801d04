//! Keys and names as hostile as texts can be, of what does not lie in a directory. Those that do: see `names`.

use actix_charter::download::{Away, Download};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    delivered::{Asked, Delivered},
    source::{Places, STORED_TYPE, Source},
    world::World,
};
use crate::stub::Object;

/// Each name, and whether it is a key of `object_store`, and one of OpenDAL.
pub(super) const HOSTILE: &[(&str, bool, bool)] = &[
    ("plain.txt", true, true),
    ("a/b/c.txt", true, true),
    ("with space", true, true),
    (" leading", true, false),
    ("trailing ", true, false),
    ("é/文件 😀.txt", true, true),
    ("100%", true, true),
    ("%41", true, true),
    ("%2e%2e%2fsecret", true, true),
    ("%zz%00%0d%0aX:y", true, true),
    ("what?", true, true),
    ("a?b=c&d", true, true),
    ("hash#tag", true, true),
    ("semi;colon=1", true, true),
    ("quote\"s'", true, true),
    ("back\\slash\\..\\x", true, true),
    ("a+b,c@f!h*i(j)[k]{l}|^`<>:~", true, true),
    ("$host $1 ${x} %{y}", true, true),
    ("{http.request.host}", true, true),
    ("C:\\con", true, true),
    ("-rf", true, true),
    ("...", true, true),
    ("..hidden/.x", true, true),
    ("bidi\u{202e}txt.exe", true, true),
    (".lock", true, true),
    ("..", false, false),
    ("../secret.txt", false, false),
    ("a/../plain.txt", false, false),
    ("a/./b", false, false),
    ("/etc/passwd", false, false),
    ("a//b", false, false),
    ("a/", false, false),
    ("nul\0", false, false),
    ("two\nlines", false, false),
    ("split\r\nSet-Cookie: a=b\r\n\r\nbody", false, false),
    ("tab\there", false, false),
    ("\u{7f}", false, false),
];

/// Another one for each name, and large enough to be handed over.
pub(super) fn content(name: &str) -> Vec<u8> {
    format!("<{name}>").repeat(9_000 / (name.len() + 2) + 1).into_bytes()
}

/// The path of a URL of the other server.
fn path(name: &str) -> String {
    // Dots would be steps up and down, in whatever form; a URL cannot have them.
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string().replace("%2E", "_")
}

pub(super) fn hostile(source: Source, name: &'static str, places: &Places) -> Download<Away> {
    match source {
        Source::S3 => Download::stored(&places.s3, name),
        Source::Opendal => Download::stored(&places.opendal, name),
        Source::Http => Download::http(&places.origin, format!("{}/hostile/{}", places.remote, path(name))),
        _ => Download::bytes(content(name)).cached(name),
    }
    .file_name(name)
}

async fn every_name_is_its_own(delivered: Delivered) {
    let world = World::start(delivered);
    for (name, is_key, _) in HOSTILE {
        if *is_key {
            world.stub.put(name, Object::new(content(name), STORED_TYPE, std::time::UNIX_EPOCH));
        }
    }
    world.stub.put("secret.txt", Object::new("secret", STORED_TYPE, std::time::UNIX_EPOCH));
    for source in [Source::S3, Source::Opendal, Source::Http, Source::Bytes] {
        for (number, (name, in_s3, in_opendal)) in HOSTILE.iter().enumerate() {
            let exists = match source {
                Source::S3 => *in_s3,
                Source::Opendal => *in_opendal,
                _ => true,
            };
            let wanted = if source == Source::Http { content(&path(name)) } else { content(name) };
            for asked in [Asked::First, Asked::Again] {
                let (answer, sender) = world.ask("GET", &format!("/{source:?}/hostile-{number}"), &[]);
                let at = format!(
                    "{source:?} {delivered:?}, {asked:?} {name:?}: {} {:?}",
                    answer.status, answer.headers
                );
                assert!(!answer.has("set-cookie") && !answer.has("x"), "{at}");
                if !exists {
                    assert_eq!((answer.status, answer.has("content-disposition")), (404, false), "{at}");
                    continue;
                }
                assert_eq!((answer.status, sender), (200, Some(delivered.sender(source, asked))), "{at}");
                assert!(answer.body == wanted, "other bytes: {at}");
                assert!(
                    answer.header("content-disposition").is_some_and(|text| text.starts_with("attachment")),
                    "{at}"
                );
            }
        }
    }
    // Whatever it is called, it is kept under a name of the cache's.
    for name in world.kept() {
        assert!(name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'), "{name}");
    }
    assert!(world.stub.refused().is_empty(), "every signature was right");
}

macro_rules! each {
    ($($name:ident $delivered:ident)*) => {$(
        #[actix_web::test]
        async fn $name() { every_name_is_its_own(Delivered::$delivered).await; }
    )*};
}
each! {
    by_us Us
    by_us_with_a_cache UsWithCache
    by_nginx Nginx
    by_apache Apache
    by_apache_or_redirected ApacheOrRedirected
    by_lighttpd Lighttpd
    by_lighttpd_or_redirected LighttpdOrRedirected
    by_caddy Caddy
}
