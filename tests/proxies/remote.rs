//! Files behind URLs, fetched and passed on by nginx.

use std::{io::Write, net::TcpStream, time::Duration};

use actix_charter::download::{
    Away, Delivery, Download, Link, LinkTerms, Unavailable,
    offload::Offload,
    origin::{Origin, Remote as Allowed},
    storage::{ByteStream, Storage, Stored},
};
use actix_test::{TestServer, TestServerConfig};
use actix_web::{App, HttpRequest, web};
use futures_util::future::BoxFuture;

use crate::{
    Answer, Front, Kind, Site,
    client::{get, get_with, send},
    remote_server::{Remote, wait_for_end},
    site::MODIFIED,
};

/// What another server says besides the file, none of which is for the client.
const THEIRS: &str = "Content-Type: text/html\r\nContent-Disposition: inline; filename=theirs\r\nCache-Control: public, max-age=999\r\n\
    Expires: Thu, 01 Jan 2099 00:00:00 GMT\r\nSet-Cookie: theirs=1\r\nX-Accel-Redirect: /protected/secret\r\nX-Accel-Limit-Rate: 1\r\n\
    X-Accel-Expires: 9\r\nX-Sendfile: /etc/passwd\r\nX-Download-Url: http://evil/\r\nX-Download-Content-Disposition: theirs\r\n\
    X-Powered-By: theirs\r\nVary: Theirs\r\nContent-Security-Policy: theirs\r\nAccess-Control-Allow-Origin: *\r\n\
    Strict-Transport-Security: max-age=0\r\nRefresh: 0; url=http://evil/\r\nWWW-Authenticate: Basic realm=theirs\r\nAlt-Svc: theirs\r\n\
    Clear-Site-Data: \"*\"\r\nLink: <theirs>\r\nPragma: theirs\r\nX-Request-Id: theirs\r\n";
const HELLO: &str = "Hello, world!";

/// A server with a file, which does ranges, and with all that can be wrong, under the status that it answers.
fn remote() -> Remote {
    Remote::scripted(|head, stream| {
        let path = head.split(' ').nth(1).unwrap();
        match path.trim_start_matches('/').split(['?', '/']).next().unwrap() {
            "hang" => {
                wait_for_end(stream);
                false
            }
            "drop" => false,
            "short" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello");
                false
            }
            "plain" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!").is_ok()
            }
            "large" => {
                let large = large();
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", large.len());
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&large)).is_ok()
            }
            status if status.parse::<u16>().is_ok() => error(status, stream),
            _ => file(head, stream),
        }
    })
}

fn large() -> Vec<u8> {
    (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn error(status: &str, stream: &mut TcpStream) -> bool {
    let more = match status {
        "302" => "Location: /file\r\n",
        "416" => "Content-Range: bytes */13\r\n",
        _ => "",
    };
    let body = if status == "304" { "" } else { "THEIR ERROR" };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} Theirs\r\n{THEIRS}{more}ETag: \"theirs\"\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .is_ok()
}

fn file(head: &str, stream: &mut TcpStream) -> bool {
    let head = head.to_ascii_lowercase();
    let header = |name: &str| {
        let (_, rest) = head.split_once(&format!("\r\n{name}: "))?;
        rest.split("\r\n").next()
    };
    let same = header("if-range").is_none_or(|tag| tag == "\"theirs\"");
    let (line, body, more) = match header("range").filter(|_| same) {
        Some("bytes=7-") => ("206 Partial Content", "world!", "Content-Range: bytes 7-12/13\r\n"),
        Some("bytes=0-0,5-6") => ("206 Partial Content", "PARTS", ""),
        Some("bytes=99-") => return error("416", stream),
        _ => ("200 OK", HELLO, ""),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {line}\r\n{THEIRS}{more}ETag: \"theirs\"\r\nLast-Modified: {MODIFIED}\r\nAccept-Ranges: bytes\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .is_ok()
}

struct Behind {
    front: Front,
    application: TestServer,
}

impl Behind {
    fn get(&self, path: &str) -> Answer {
        get(self.front.address, path)
    }
}

/// nginx before an application whose `/0`, `/1` and so on are these URLs.
fn behind(
    urls: Vec<String>,
    origin: Origin,
    change: impl Fn(Offload) -> Offload,
    with: impl Fn(Download<Away>) -> Download<Away> + Clone + Send + 'static,
) -> Behind {
    before(change, move |number| with(Download::http(&origin, &urls[number])))
}

fn before(
    change: impl Fn(Offload) -> Offload,
    download: impl Fn(usize) -> Download<Away> + Clone + Send + 'static,
) -> Behind {
    let site = Site::start(Vec::new(), |_, root| {
        let offload = Kind::Nginx.offload(root).remote("/remote/").unwrap();
        change(offload.remote_timeout(Duration::from_millis(300)))
    });
    let delivery = Delivery::new().offload(site.offload.clone());
    let application = actix_test::start_with(TestServerConfig::default().workers(1), move || {
        let download = download.clone();
        App::new().wrap(delivery.clone()).default_service(web::to(move |request: HttpRequest| {
            let number = request.path().trim_matches('/').parse::<usize>().ok();
            let download = number.map(&download);
            async move {
                match download {
                    Some(download) => Ok(download.fetched(&request).await),
                    None => Err(actix_web::error::ErrorNotFound("no such case")),
                }
            }
        }))
    });
    let fragment = site.offload.config_fragment(&application.addr().to_string()).unwrap();
    let front = Front::before(Kind::Nginx, site, &fragment);
    Behind { front, application }
}

fn origin(remote: &Remote) -> Origin {
    Origin::new().allow(remote.url("").as_str()).unwrap().allow_private("127.0.0.0/8").unwrap()
}

/// Who asked the other server: nginx says `accept-encoding` and nothing else that is ours, we say `accept`, too.
fn asked_by_nginx(remote: &Remote) -> Vec<bool> {
    remote.heads().iter().map(|head| !head.contains("\r\naccept: ")).collect()
}

#[track_caller]
fn nothing_of_theirs(answer: &Answer) {
    for (name, value) in &answer.headers {
        let harmless =
            ["content-length", "content-range", "etag", "last-modified", "accept-ranges", "www-authenticate"];
        assert!(
            harmless.contains(&name.as_str())
                || !(value.contains("theirs") || value.contains("evil") || value.contains("Theirs")),
            "{name}: {value}"
        );
    }
    for order in [
        "x-download-url",
        "x-download-authorization",
        "x-download-content-disposition",
        "x-download-cache-control",
    ] {
        assert!(!answer.has(order), "{answer:?}");
    }
    assert!(
        !answer.headers.iter().any(|(name, _)| name.starts_with("x-accel") || name == "x-sendfile"),
        "{answer:?}"
    );
}

#[actix_web::test]
async fn the_file_is_the_others_and_the_rest_ours() {
    let remote = remote();
    let urls = vec![remote.url("/file/hello.txt")];
    let behind = behind(
        urls,
        origin(&remote),
        |offload| offload,
        |download| {
            download
                .cache_control("private, max-age=60")
                .inline_sandboxed()
                .media_type("text/plain; charset=utf-8")
        },
    );
    let answer = behind.get("/0");
    assert_eq!((answer.status, &answer.body[..]), (200, HELLO.as_bytes()), "{answer:?}");
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "server", "connection"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort_unstable();
    assert_eq!(
        headers,
        [
            "accept-ranges: bytes",
            "cache-control: private, max-age=60",
            "content-disposition: inline; filename=\"hello.txt\"",
            "content-length: 13",
            "content-security-policy: sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
            "content-type: text/plain; charset=utf-8",
            "etag: \"theirs\"",
            &format!("last-modified: {MODIFIED}"),
            "x-content-type-options: nosniff",
        ]
    );
    assert_eq!(asked_by_nginx(&remote), [true]);
}

#[actix_web::test]
async fn ranges_are_the_others() {
    let remote = remote();
    let behind = behind(vec![remote.url("/file")], origin(&remote), |offload| offload, |download| download);
    let ask = |headers: &[(&str, &str)]| {
        let answer = get_with(behind.front.address, "/0", headers);
        nothing_of_theirs(&answer);
        answer
    };
    let part = ask(&[("Range", "bytes=7-")]);
    assert_eq!((part.status, &part.body[..]), (206, &b"world!"[..]), "{part:?}");
    for (name, value) in [
        ("content-range", "bytes 7-12/13"),
        ("content-length", "6"),
        ("etag", "\"theirs\""),
        ("content-disposition", "attachment; filename=\"file\""),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(part.header(name), Some(value));
    }
    let same = ask(&[("Range", "bytes=7-"), ("If-Range", "\"theirs\"")]);
    assert_eq!((same.status, &same.body[..]), (206, &b"world!"[..]));
    let other = ask(&[("Range", "bytes=7-"), ("If-Range", "\"older\"")]);
    assert_eq!((other.status, &other.body[..]), (200, HELLO.as_bytes()));
    let beyond = ask(&[("Range", "bytes=99-")]);
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */13")), "{beyond:?}");
    assert_eq!(beyond.header("cache-control"), Some("no-store"));
    assert_eq!((beyond.header("content-disposition"), beyond.header("etag")), (None, None));
    assert!(!String::from_utf8_lossy(&beyond.body).contains("THEIR"));
    assert_eq!(asked_by_nginx(&remote), [true; 4]);
    // Several would come under a type that is not the file's.
    for several in [&[("Range", "bytes=0-0,5-6")][..], &[("Range", "bytes=7-"), ("Range", "bytes=99-")]] {
        let answer = ask(several);
        assert_eq!((answer.status, &answer.body[..]), (200, HELLO.as_bytes()), "{answer:?}");
    }
    assert_eq!(asked_by_nginx(&remote)[4..], [false; 2]);
}

/// What the file is, only its server knows; so the application asks, and sends.
#[actix_web::test]
async fn conditions_are_the_applications() {
    let remote = remote();
    let behind = behind(vec![remote.url("/file")], origin(&remote), |offload| offload, |download| download);
    for (condition, status) in [
        (("If-None-Match", "\"theirs\""), 304),
        (("If-None-Match", "\"older\""), 200),
        (("If-Modified-Since", MODIFIED), 304),
        (("If-Match", "\"older\""), 412),
        (("If-Match", "\"theirs\""), 200),
        (("If-Unmodified-Since", "Tue, 02 Jan 2024 03:04:04 GMT"), 412),
    ] {
        let answer = get_with(behind.front.address, "/0", &[condition]);
        assert_eq!(answer.status, status, "{condition:?}: {answer:?}");
        nothing_of_theirs(&answer);
        assert!(status != 200 || answer.body == HELLO.as_bytes());
    }
    let head = send(behind.front.address, "HEAD", "/0", &[]);
    assert_eq!(
        (head.status, head.header("content-length"), head.header("etag")),
        (200, Some("13"), Some("\"theirs\""))
    );
    assert_eq!(head.header("content-disposition"), Some("attachment; filename=\"file\""));
    assert_eq!(asked_by_nginx(&remote), [false; 7]);
}

#[actix_web::test]
async fn validators_of_ours_are_the_only_ones() {
    let remote = remote();
    let behind = behind(
        vec![remote.url("/file")],
        origin(&remote),
        |offload| offload,
        |download| download.etag("ours"),
    );
    let answer = behind.get("/0");
    assert_eq!((answer.status, answer.header("etag")), (200, Some("\"ours\"")), "{answer:?}");
    assert_eq!(answer.header("last-modified"), None);
    nothing_of_theirs(&answer);
    let part = get_with(behind.front.address, "/0", &[("Range", "bytes=7-")]);
    assert_eq!((part.status, part.header("etag")), (206, Some("\"ours\"")));
    // The other server does not know it, and gives all.
    let whole = get_with(behind.front.address, "/0", &[("Range", "bytes=7-"), ("If-Range", "\"ours\"")]);
    assert_eq!((whole.status, &whole.body[..]), (200, HELLO.as_bytes()));
    assert_eq!(asked_by_nginx(&remote), [true; 3]);
    assert_eq!(get_with(behind.front.address, "/0", &[("If-None-Match", "\"ours\"")]).status, 304);
}

#[actix_web::test]
async fn the_other_server_learns_nothing_of_the_client() {
    let remote = remote();
    let allowed = Allowed::new(&remote.url("")).unwrap().bearer("0urs").unwrap();
    let with_credentials = Origin::new().allow(allowed).unwrap().allow_private("127.0.0.0/8").unwrap();
    for (origin, authorization) in
        [(origin(&remote), ""), (with_credentials, "authorization: bearer 0urs\r\n")]
    {
        let behind = behind(vec![remote.url("/file")], origin, |offload| offload, |download| download);
        let headers = [
            ("Cookie", "client=1"),
            ("Authorization", "Bearer client"),
            ("Proxy-Authorization", "Basic client"),
            ("X-Forwarded-For", "203.0.113.9"),
            ("Referer", "https://client.example/"),
            ("User-Agent", "client"),
            ("Accept-Encoding", "gzip"),
            ("X-Download-Url", "http://127.0.0.1:1/client"),
            ("X-Download-Authorization", "Bearer client"),
            ("X-Accel-Redirect", "/protected/client"),
            ("Content-Type", "text/client"),
        ];
        let answer = get_with(behind.front.address, "/0", &headers);
        assert_eq!((answer.status, &answer.body[..]), (200, HELLO.as_bytes()), "{answer:?}");
        nothing_of_theirs(&answer);
        assert!(!format!("{answer:?}").contains("0urs"));
        let address = remote.address;
        assert_eq!(
            remote.heads().last().unwrap(),
            &format!(
                "get /file http/1.1\r\nhost: {address}\r\naccept-encoding: identity\r\n{authorization}\r\n"
            )
        );
    }
}

#[actix_web::test]
async fn errors_are_mapped_and_nobody_keeps_them() {
    let remote = remote();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let refused = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let cases = [
        ("/404", 404),
        ("/410", 404),
        ("/300", 502),
        ("/302", 502),
        ("/304", 502),
        ("/400", 502),
        ("/401", 502),
        ("/403", 502),
        ("/405", 502),
        ("/407", 502),
        ("/429", 502),
        ("/500", 502),
        ("/502", 502),
        ("/503", 502),
        ("/504", 504),
        ("/520", 502),
        ("/drop", 502),
        ("/hang", 504),
    ];
    let mut urls: Vec<String> = cases.iter().map(|(path, _)| remote.url(path)).collect();
    urls.push(refused.clone());
    let origin = origin(&remote).allow(refused.as_str()).unwrap();
    let behind =
        behind(urls, origin, |offload| offload, |download| download.cache_control("public, max-age=60"));
    let statuses = cases.iter().map(|(_, status)| *status).chain([502]);
    for (number, status) in statuses.enumerate() {
        let answer = behind.get(&format!("/{number}"));
        assert_eq!(answer.status, status, "{number}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{number}");
        for of_the_file in [
            "content-disposition",
            "etag",
            "last-modified",
            "content-range",
            "expires",
            "set-cookie",
            "location",
        ] {
            assert!(!answer.has(of_the_file), "{number}: {answer:?}");
        }
        nothing_of_theirs(&answer);
        assert!(!String::from_utf8_lossy(&answer.body).contains("THEIR"), "{answer:?}");
    }
    assert!(asked_by_nginx(&remote).iter().all(|by_nginx| *by_nginx));
}

#[actix_web::test]
async fn a_short_body_ends_the_connection() {
    let remote = remote();
    let behind = behind(vec![remote.url("/short")], origin(&remote), |offload| offload, |download| download);
    let mut stream = TcpStream::connect(behind.front.address).unwrap();
    stream.write_all(b"GET /0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("Content-Length: 13\r\n") && text.ends_with("\r\n\r\nHello"), "{text}");
}

#[actix_web::test]
async fn a_large_file_comes_whole_and_at_its_rate() {
    let remote = remote();
    let urls = vec![remote.url("/large"), remote.url("/plain")];
    let behind =
        behind(urls, origin(&remote), |offload| offload, |download| download.rate_limit(100_000_000));
    let answer = behind.get("/0");
    assert!(answer.status == 200 && answer.body == large());
    let answer = behind.get("/1");
    assert_eq!((answer.status, &answer.body[..], answer.has("etag")), (200, HELLO.as_bytes(), false));
    assert_eq!(asked_by_nginx(&remote), [true; 2]);
}

#[actix_web::test]
async fn urls_arrive_as_they_are() {
    let remote = remote();
    let paths = [
        "/file/a%2Fb%20c.txt",
        "/file/%C3%A9/%e5%a0%b1?q=%2F%20&r=a+b",
        "/file/%25%3F%23%3b;v=1,2/@:!$&'()*+",
        "/file//double//",
        "/file?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20240102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=ab%2Bcd",
        "/file/$host$request_uri$1",
        "/file?",
        "/file/%00%0d%0aX:%201",
    ];
    let urls = paths.iter().map(|path| remote.url(path)).collect();
    let behind = behind(urls, origin(&remote), |offload| offload, |download| download);
    for (number, path) in paths.iter().enumerate() {
        let answer = behind.get(&format!("/{number}"));
        assert_eq!((answer.status, &answer.body[..]), (200, HELLO.as_bytes()), "{path}: {answer:?}");
        let line = format!("get {} http/1.1", path.to_ascii_lowercase());
        assert_eq!(remote.heads().last().unwrap().lines().next(), Some(line.as_str()));
    }
    // One in Unicode is sent as a browser would send it.
    let behind =
        self::behind(vec![remote.url("/file/é b")], origin(&remote), |offload| offload, |download| download);
    assert_eq!(behind.get("/0").status, 200);
    assert_eq!(remote.heads().last().unwrap().lines().next(), Some("get /file/%c3%a9%20b http/1.1"));
    assert!(asked_by_nginx(&remote).iter().all(|by_nginx| *by_nginx));
}

#[actix_web::test]
async fn what_nginx_cannot_be_told_is_sent_by_the_application() {
    let remote = remote();
    let long = remote.url(&format!("/file?X-Amz-Security-Token={}", "x".repeat(5_000)));
    // A name, and nobody whom nginx could ask for its address.
    let named = remote.url("/file").replace("127.0.0.1", "localhost");
    let origin = origin(&remote).allow(named.trim_end_matches("/file")).unwrap();
    let behind = behind(vec![long, named], origin, |offload| offload, |download| download);
    for number in 0..2 {
        let answer = get_with(behind.front.address, &format!("/{number}"), &[("Range", "bytes=7-")]);
        assert_eq!((answer.status, &answer.body[..]), (206, &b"world!"[..]), "{answer:?}");
        nothing_of_theirs(&answer);
    }
    assert_eq!(asked_by_nginx(&remote), [false; 2]);
}

#[actix_web::test]
async fn nothing_is_fetched_without_the_application() {
    let remote = remote();
    let behind = behind(Vec::new(), origin(&remote), |offload| offload, |download| download);
    let url = remote.url("/file");
    for path in
        ["/remote/", "/remote/own", "/remote/x", "/remote", "//remote/", "/remote/%2e", "/x/../remote/"]
    {
        let headers = [("X-Download-Url", url.as_str()), ("X-Accel-Redirect", "/remote/")];
        let answer = get_with(behind.front.address, path, &headers);
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    assert!(remote.heads().is_empty());
}

/// Of what the application itself puts into an answer nothing comes out, whether nginx knows what it means or not.
#[actix_web::test]
async fn a_handler_gives_no_orders() {
    let remote = remote();
    let site = Site::start(
        vec![crate::Case::new("a.txt").header("x-download-url", &remote.url("/file"))],
        |_, root| Kind::Nginx.offload(root).remote("/remote/").unwrap(),
    );
    let fragment = site.offload.config_fragment(&site.application.to_string()).unwrap();
    let front = Front::before(Kind::Nginx, site, &fragment);
    let answer = get(front.address, "/0");
    assert_eq!((answer.status, &answer.body), (200, &front.site.case(0).content));
    assert!(!answer.has("x-download-url") && remote.heads().is_empty());
}

/// Answers every question for an IPv4 address with 127.0.0.1.
fn name_server() -> String {
    let socket = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            let question = &buffer[12..length];
            let name_end = question.iter().position(|byte| *byte == 0).unwrap();
            let is_v4 = question[name_end + 1..name_end + 3] == [0, 1];
            let mut answer = [&buffer[..2], &[0x81, 0x80, 0, 1, 0, u8::from(is_v4), 0, 0, 0, 0]].concat();
            answer.extend_from_slice(&question[..name_end + 5]);
            if is_v4 {
                answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
            }
            socket.send_to(&answer, peer).unwrap();
        }
    });
    address
}

#[actix_web::test]
async fn names_are_looked_up_by_the_name_server() {
    let remote = remote();
    let resolver = name_server();
    let server = format!("http://files.test:{}", remote.address.port());
    let origin = Origin::new().allow(server.as_str()).unwrap();
    let behind = behind(
        vec![format!("{server}/file")],
        origin,
        |offload| offload.resolver(&resolver).unwrap(),
        |download| download,
    );
    let answer = behind.get("/0");
    assert_eq!((answer.status, &answer.body[..]), (200, HELLO.as_bytes()), "{answer:?}");
    assert!(remote.heads()[0].contains(&format!("\r\nhost: files.test:{}\r\n", remote.address.port())));
    assert_eq!(asked_by_nginx(&remote), [true]);
}

const TLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proxies/tls");

/// A server with `https`, whose certificate is for 127.0.0.1 and `files.test`.
fn secure(elsewhere: &str) -> (Front, u16) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let site = Site::start(Vec::new(), |_, root| Kind::Nginx.offload(root));
    let fragment = format!(
        "listen 127.0.0.1:{port} ssl;
        ssl_certificate {TLS}/server_and_key.pem;
        ssl_certificate_key {TLS}/server_and_key.pem;
        location = /file {{ return 200 \"$ssl_server_name\"; }}
        location = /downgrade {{ return 302 {elsewhere}; }}"
    );
    (Front::before(Kind::Nginx, site, &fragment), port)
}

#[actix_web::test]
async fn a_server_must_show_that_it_is_the_one() {
    let (_server, port) = secure("http://unused/");
    let resolver = name_server();
    let (named, address) = (format!("https://files.test:{port}"), format!("https://127.0.0.1:{port}"));
    let other = format!("https://other.test:{port}");
    let origin = Origin::new().allow(named.as_str()).unwrap().allow(address.as_str()).unwrap();
    let origin = origin.allow(other.as_str()).unwrap().allow_private("127.0.0.0/8").unwrap();
    let urls: Vec<_> = [&named, &address, &other].iter().map(|server| format!("{server}/file")).collect();
    let with = |authority: &str| {
        let authority = format!("{TLS}/{authority}");
        behind(
            urls.clone(),
            origin.clone(),
            |offload| offload.resolver(&resolver).unwrap().authorities(&authority).unwrap(),
            |download| download,
        )
    };
    let good = with("authority.pem");
    let answer = good.get("/0");
    assert_eq!((answer.status, &answer.body[..]), (200, &b"files.test"[..]), "{answer:?}");
    // The certificate is none for this name; it is of an authority that nobody trusts.
    assert_eq!(good.get("/2").status, 502);
    assert_eq!(with("other_authority.pem").get("/0").status, 502);
    // nginx looks for no address in a certificate, and without authorities at none: it is not told.
    let told = |behind: &Behind, path| get(behind.application.addr(), path).has("x-download-url");
    assert!(told(&good, "/0") && !told(&good, "/1"));
    let bare = behind(
        urls.clone(),
        origin.clone(),
        |offload| offload.resolver(&resolver).unwrap(),
        |download| download,
    );
    assert!(!told(&bare, "/0") && !told(&bare, "/1"));
}

#[actix_web::test]
async fn we_trust_an_authority_that_we_are_told_and_no_way_back_to_plain_text() {
    let remote = remote();
    let (_server, port) = secure(&remote.url("/file"));
    let server = format!("https://127.0.0.1:{port}");
    let origin = origin(&remote).allow(server.as_str()).unwrap();
    let authority = std::fs::read(format!("{TLS}/authority.pem")).unwrap();
    let trusting = origin.clone().authority(&authority).unwrap();
    let urls = vec![format!("{server}/file"), format!("{server}/downgrade")];
    // nginx is not told of servers whose certificates it could not look at: we ask.
    let answer = behind(urls.clone(), trusting.clone(), |offload| offload, |download| download).get("/0");
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = behind(urls.clone(), origin, |offload| offload, |download| download).get("/0");
    assert_eq!(answer.status, 502, "{answer:?}");
    let answer = behind(urls, trusting, |offload| offload, |download| download).get("/1");
    assert_eq!(answer.status, 502, "{answer:?}");
    assert!(remote.heads().is_empty());
}

/// An object store, whose links are signed for a while.
#[derive(Debug, Clone)]
struct Bucket {
    url: String,
}

impl Storage for Bucket {
    fn name(&self) -> &str {
        "bucket"
    }

    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        let mut stored = Stored::new(13);
        // What the storage said then; by now it has another state.
        stored.etag = Some("\"before\"".into());
        stored.media_type = Some("application/pdf".into());
        Box::pin(std::future::ready(Ok(stored)))
    }

    fn read<'a>(
        &'a self,
        _: &'a str,
        _: &'a Stored,
        _: std::ops::Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>> {
        Box::pin(std::future::ready(Err(Unavailable::Upstream)))
    }

    fn has_links(&self) -> bool {
        true
    }

    fn link<'a>(
        &'a self,
        key: &'a str,
        _: LinkTerms<'a>,
    ) -> BoxFuture<'a, Result<Option<Link>, Unavailable>> {
        let url = format!("{}/file/{key}?X-Amz-Signature=a%2Bb", self.url);
        Box::pin(std::future::ready(Ok(Some(Link {
            url,
            authorization: None,
            public: true,
            overrides: false,
        }))))
    }
}

#[actix_web::test]
async fn what_a_storage_signs_a_link_for_is_fetched_too() {
    let remote = remote();
    let bucket = Bucket { url: remote.url("") };
    let behind = before(|offload| offload, move |_| Download::stored(&bucket, "2024/report.pdf"));
    let answer = behind.get("/0");
    assert_eq!((answer.status, &answer.body[..]), (200, HELLO.as_bytes()), "{answer:?}");
    nothing_of_theirs(&answer);
    for (name, value) in [
        // Of these very bytes.
        ("etag", "\"theirs\""),
        ("content-type", "application/pdf"),
        ("content-disposition", "attachment; filename=\"report.pdf\""),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(
        remote.heads().last().unwrap().lines().next(),
        Some("get /file/2024/report.pdf?x-amz-signature=a%2bb http/1.1")
    );
    assert_eq!(get_with(behind.front.address, "/0", &[("If-None-Match", "\"before\"")]).status, 304);
    assert_eq!(asked_by_nginx(&remote), [true]);
    // What the application says to nginx, it says to nobody else.
    let answer = get(behind.application.addr(), "/0");
    assert_eq!(answer.header("x-accel-redirect"), Some("/remote/"));
    assert!(
        answer
            .header("x-download-url")
            .is_some_and(|url| url.ends_with("/file/2024/report.pdf?X-Amz-Signature=a%2Bb"))
    );
}
