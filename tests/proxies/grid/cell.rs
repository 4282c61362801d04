//! What holds in a cell, whoever sends the file.

use std::{fmt, ops::Range};

use super::{
    delivered::{Asked, Delivered, Sender},
    source::Source,
    world::World,
};
use crate::{Answer, Kind};

/// One cell: this source, delivered so.
pub(super) struct Cell<'a> {
    world: &'a World,
    delivered: Delivered,
    source: Source,
    content: Vec<u8>,
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} by {:?}", self.source, self.delivered)
    }
}

impl<'a> Cell<'a> {
    pub(super) fn new(world: &'a World, delivered: Delivered, source: Source) -> Self {
        Self { world, delivered, source, content: source.content() }
    }

    pub(super) fn holds(&self) {
        self.world.read();
        let first = self.whole(Asked::First);
        let second = self.whole(Asked::Again);
        assert_eq!(first.header("etag"), second.header("etag"), "{self}: the second time");
        self.is_read_as_often_as_it_must();
        let head = self.head();
        let etag = second.header("etag").unwrap_or_else(|| panic!("{self}: no ETag")).to_owned();
        let has_ranges = second.header("accept-ranges") == Some("bytes");
        assert_eq!(has_ranges, self.has_ranges(), "{self}: {:?}", second.headers);
        self.parts(has_ranges, &etag);
        self.several_parts(has_ranges);
        self.conditions(has_ranges, &etag, head.header("etag").unwrap());
        self.nothing();
    }

    /// An answer with a 2xx, by whom it should be.
    #[track_caller]
    fn ask(&self, asked: Asked, headers: &[(&str, &str)]) -> Answer {
        let method = if asked == Asked::Head { "HEAD" } else { "GET" };
        let (answer, sender) = self.world.ask(method, &format!("/{:?}/here", self.source), headers);
        let wanted = self.sender(asked);
        assert_eq!(
            sender,
            Some(wanted),
            "{self}, {asked:?} {headers:?}: {} {:?}",
            answer.status,
            answer.headers
        );
        self.is_labelled(asked, &answer);
        answer
    }

    fn sender(&self, asked: Asked) -> Sender {
        self.delivered.sender(self.source, asked)
    }

    /// As the file is, not as long as it is made for the first time.
    fn has_ranges(&self) -> bool {
        !self.source.has_no_length() || self.delivered.has_cache()
    }

    #[track_caller]
    fn is_labelled(&self, asked: Asked, answer: &Answer) {
        let at = format!("{self}, {asked:?}: {} {:?}", answer.status, answer.headers);
        for (name, _) in &answer.headers {
            assert!(
                !name.starts_with("x-accel")
                    && !name.starts_with("x-sendfile")
                    && !name.starts_with("x-download"),
                "an order leaks: {at}"
            );
        }
        if answer.status == 416 {
            return;
        }
        let is_multipart =
            answer.header("content-type").is_some_and(|kind| kind.starts_with("multipart/byteranges"));
        assert!(is_multipart || answer.header("content-type") == Some(self.source.media_type()), "{at}");
        assert!(answer.header("etag").is_some_and(|tag| tag.starts_with('"')), "{at}");
        assert!(!answer.has("set-cookie"), "{at}");
        // Caddy asks for gzip on its own, and is told that it does not get it.
        assert!(answer.header("content-encoding").is_none_or(|coding| coding == "identity"), "{at}");
        // Whom clients are sent to says what it can be told, and no more.
        let is_ours = self.sender(asked) != Sender::Place;
        let disposition = Some(self.source.disposition()).filter(|_| is_ours || self.source.is_in_s3());
        assert_eq!(answer.header("content-disposition"), disposition, "{at}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff").filter(|_| is_ours), "{at}");
    }

    #[track_caller]
    fn is_whole(&self, asked: Asked, answer: &Answer) {
        assert_eq!(answer.status, 200, "{self}, {asked:?}: {:?}", answer.headers);
        assert!(answer.body == self.content, "{self}, {asked:?}: other bytes");
        let length = self.content.len().to_string();
        // What nobody knew the length of came in chunks; what has come to its end was no shorter than was said.
        let is_counted = answer.header("content-length") == Some(&length);
        let has_no_length = self.source.has_no_length() && self.sender(asked) == Sender::Application;
        assert!(is_counted || has_no_length, "{self}, {asked:?}: {:?}", answer.headers);
    }

    fn whole(&self, asked: Asked) -> Answer {
        let answer = self.ask(asked, &[]);
        self.is_whole(asked, &answer);
        answer
    }

    /// Twice it was asked for.
    fn is_read_as_often_as_it_must(&self) {
        let times = match (self.source, self.sender(Asked::Again)) {
            (source, _) if source.is_local() => 0,
            (Source::RowWithBytes | Source::Bytes | Source::Text | Source::Stream, _) => 0,
            (_, Sender::Fetched | Sender::Place) => 2,
            _ if self.delivered.has_cache() => 1,
            _ => 2,
        };
        assert_eq!(self.world.read(), times, "{self}: how often it is read");
    }

    fn head(&self) -> Answer {
        let answer = self.ask(Asked::Head, &[]);
        let length = self.content.len().to_string();
        let length = Some(length.as_str()).filter(|_| self.has_ranges());
        assert_eq!(
            (answer.status, answer.header("content-length")),
            (200, length),
            "{self}, HEAD: {:?}",
            answer.headers
        );
        // Its body has none, which the client looks after.
        let part = self.ask(Asked::Head, &[("Range", "bytes=5-9")]);
        let by_server = self.sender(Asked::Head) == Sender::File
            && matches!(self.delivered.kind(), Some(Kind::Nginx | Kind::Apache | Kind::Caddy));
        assert_eq!(part.status, if by_server { 206 } else { 200 }, "{self}, HEAD with Range");
        answer
    }

    fn parts(&self, has_ranges: bool, etag: &str) {
        let size = self.content.len();
        for (range, part) in
            [("bytes=5-9", 5..10), ("bytes=-3", size - 3..size), ("bytes=70000-", 70_000..size)]
        {
            let answer = self.ask(Asked::Part, &[("Range", range)]);
            if !has_ranges {
                self.is_whole(Asked::Part, &answer);
                continue;
            }
            self.is_part(range, &answer, &part);
            assert_eq!(answer.header("etag"), Some(etag), "{self}, {range}");
        }
        let beyond = [("Range", "bytes=99999999-")];
        let (answer, _) = self.world.ask("GET", &format!("/{:?}/here", self.source), &beyond);
        if !has_ranges {
            return self.is_whole(Asked::Part, &answer);
        }
        assert_eq!(answer.status, 416, "{self}, 416: {:?}", answer.headers);
        // Apache and lighttpd do not say how long the file is, nor does S3.
        let says = match self.sender(Asked::Part) {
            Sender::Application => true,
            Sender::File => matches!(self.delivered.kind(), Some(Kind::Nginx | Kind::Caddy)),
            Sender::Fetched | Sender::Place => self.source.is_http(),
        };
        let stated = format!("bytes */{size}");
        let stated = Some(stated.as_str()).filter(|_| says);
        assert_eq!(answer.header("content-range"), stated, "{self}, 416: {:?}", answer.headers);
    }

    #[track_caller]
    fn is_part(&self, range: &str, answer: &Answer, part: &Range<usize>) {
        let size = self.content.len();
        let stated = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        assert_eq!(
            (answer.status, answer.header("content-range")),
            (206, Some(stated.as_str())),
            "{self}, {range}: {:?}",
            answer.headers
        );
        assert!(answer.body == self.content[part.clone()], "{self}, {range}: other bytes");
    }

    fn several_parts(&self, has_ranges: bool) {
        let range = "bytes=0-0,5-6";
        let answer = self.ask(Asked::Parts, &[("Range", range)]);
        let by_file = self.sender(Asked::Parts) == Sender::File;
        // A server that is asked for one part at a time, and S3, give all.
        let is_whole = !has_ranges
            || self.sender(Asked::Parts) == Sender::Place
            || (self.source.is_http() && !self.delivered.has_cache());
        if is_whole {
            self.is_whole(Asked::Parts, &answer);
        } else if by_file && self.delivered.kind() == Some(Kind::Lighttpd) {
            self.is_part(range, &answer, &(0..7));
        } else {
            assert_eq!(answer.status, 206, "{self}, {range}: {:?}", answer.headers);
            assert_eq!(self.multipart(&answer), [0..1, 5..7], "{self}, {range}");
        }
    }

    /// Which parts are in it, each of the right bytes and type.
    fn multipart(&self, answer: &Answer) -> Vec<Range<usize>> {
        let kind = answer.header("content-type").unwrap_or_default();
        let boundary = kind
            .strip_prefix("multipart/byteranges; boundary=")
            .unwrap_or_else(|| panic!("{self}: {kind} is not multipart"));
        // These bytes are in no part but the small ones asked for.
        let text = answer.body.iter().map(|byte| char::from(*byte)).collect::<String>();
        let dashed = format!("--{}", boundary.trim_matches('"'));
        let mut pieces: Vec<&str> = text.split(dashed.as_str()).collect();
        assert_eq!(pieces.pop().map(str::trim_end), Some("--"), "{self}: {text:?}");
        pieces.remove(0);
        let part = |piece: &str| {
            let (head, body) = piece.split_once("\r\n\r\n").unwrap();
            let field = |name: &str| {
                head.lines()
                    .filter_map(|line| line.split_once(": "))
                    .find(|(field, _)| field.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value)
            };
            assert_eq!(field("content-type"), Some(self.source.media_type()), "{self}: {head}");
            let (first, rest) =
                field("content-range").unwrap().strip_prefix("bytes ").unwrap().split_once('-').unwrap();
            let (last, size) = rest.split_once('/').unwrap();
            assert_eq!(size, self.content.len().to_string(), "{self}: {head}");
            let range = first.parse().unwrap()..last.parse::<usize>().unwrap() + 1;
            let body: Vec<u8> = body.strip_suffix("\r\n").unwrap().chars().map(|byte| byte as u8).collect();
            assert!(body == self.content[range.clone()], "{self}: other bytes");
            range
        };
        pieces.into_iter().map(part).collect()
    }

    /// `etag`: of the bytes that came; `ours`: as we say it. They differ only for a row whose bytes came from elsewhere.
    fn conditions(&self, has_ranges: bool, etag: &str, ours: &str) {
        let path = format!("/{:?}/here", self.source);
        for tag in [etag, ours] {
            let (same, _) = self.world.ask("GET", &path, &[("If-None-Match", tag)]);
            assert_eq!((same.status, same.body.len()), (304, 0), "{self}, {tag}: {:?}", same.headers);
            assert_eq!(same.header("etag"), Some(tag), "{self}, 304: {:?}", same.headers);
            assert!(!same.has("content-disposition"), "{self}, 304: {:?}", same.headers);
        }
        let (other, _) = self.world.ask("GET", &path, &[("If-None-Match", "\"older\"")]);
        self.is_whole(Asked::Again, &other);
        let (failed, _) = self.world.ask("GET", &path, &[("If-Match", "\"older\"")]);
        assert_eq!(failed.status, 412, "{self}: {:?}", failed.headers);
        assert!(!failed.has("content-disposition"), "{self}, 412: {:?}", failed.headers);
        let (held, _) = self.world.ask("GET", &path, &[("If-Match", ours)]);
        self.is_whole(Asked::Again, &held);

        let changed = self.ask(Asked::IfRange, &[("Range", "bytes=5-9"), ("If-Range", "\"older\"")]);
        self.is_whole(Asked::IfRange, &changed);
        let same = self.ask(Asked::IfRange, &[("Range", "bytes=5-9"), ("If-Range", etag)]);
        // The store knows its own validators only, and sends all, which is right if not short.
        let is_strange = self.sender(Asked::IfRange) == Sender::Fetched && self.source == Source::RowInS3;
        if has_ranges && !is_strange {
            self.is_part("If-Range", &same, &(5..10));
        } else {
            self.is_whole(Asked::IfRange, &same);
        }
    }

    /// A row that is none, a key under which nothing lies, a source that fails before its first byte.
    fn nothing(&self) {
        for (key, status) in [("none", 404), ("missing", self.source.status_of_nothing())] {
            for method in ["GET", "HEAD"] {
                // Nothing is made for HEAD, so nothing fails.
                if method == "HEAD" && status == 500 {
                    continue;
                }
                let (answer, sender) = self.world.ask(method, &format!("/{:?}/{key}", self.source), &[]);
                assert_eq!(answer.status, status, "{self}, {method} {key}: {:?}", answer.headers);
                if sender == Some(Sender::Place) {
                    // The place itself says that it has no such file.
                    continue;
                }
                for of_a_file in
                    ["content-disposition", "etag", "last-modified", "accept-ranges", "set-cookie"]
                {
                    assert!(!answer.has(of_a_file), "{self}, {method} {key}: {:?}", answer.headers);
                }
                assert!(!String::from_utf8_lossy(&answer.body).contains("THEIR"), "{self}: {answer:?}");
            }
        }
    }
}
