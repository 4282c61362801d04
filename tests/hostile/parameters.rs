//! Query, form, path, headers and cookies.

use actix_charter::endpoint::DEFAULT_PAIRS_LIMIT;
use actix_web::{
    http::{Uri, header::HeaderValue},
    test::TestRequest,
};

use crate::api::{SECRET, ask, get, post};

const FORM: &str = "application/x-www-form-urlencoded";

#[actix_web::test]
async fn a_hundred_thousand_pairs() {
    for name in ["number", "list", SECRET, ""] {
        let pairs = vec![format!("{name}=1"); 100_000].join("&");
        let faults = ask(post("/form", FORM, pairs)).await.faults();
        assert_eq!(faults, [("body".into(), String::new(), "too_many".into())]);
    }
    // A URI holds no more than 64 KiB.
    let faults = ask(get(&format!("/query?{}", vec!["a=1"; 15_000].join("&")))).await.faults();
    assert_eq!(faults, [("query".into(), String::new(), "too_many".into())]);
    // All different.
    let pairs: Vec<_> = (0..100_000).map(|at| format!("{at}={SECRET}")).collect();
    ask(post("/form", FORM, pairs.join("&"))).await.refuses(400, "invalid-request");
}

#[actix_web::test]
async fn exactly_as_many_pairs_as_allowed() {
    let pairs = |count: usize| vec!["list=1"; count].join("&");
    assert_eq!(ask(get(&format!("/query?{}", pairs(DEFAULT_PAIRS_LIMIT)))).await.status, 200);
    ask(get(&format!("/query?{}", pairs(DEFAULT_PAIRS_LIMIT + 1)))).await.refuses(400, "invalid-request");
    // Nothing between two `&` is no pair.
    assert_eq!(ask(get(&format!("/query?{}", "&".repeat(10_000)))).await.status, 200);
}

#[actix_web::test]
async fn many_faults_are_bounded() {
    let pairs = vec![format!("list={SECRET}"); 900].join("&");
    let faults = ask(get(&format!("/query?{pairs}"))).await.faults();
    assert!(faults.len() > 1);
}

#[actix_web::test]
async fn what_is_not_utf8() {
    for (request, location, pointer) in [
        (get("/query?text=s3cr3t%FF"), "query", "/text"),
        (get("/query?s3cr3t%FF=1"), "query", ""),
        (get("/query?text=%C3"), "query", "/text"),
        (get("/query?text=%ED%A0%80"), "query", "/text"),
        (get("/path/s3cr3t%FF/1"), "path", "/text"),
        (post("/form", FORM, "text=s3cr3t%FF"), "body", "/text"),
        (post("/form", FORM, b"text=s3cr3t\xff".to_vec()), "body", "/text"),
        (get("/headers").insert_header(("x-text", value(b"s3cr3t\xff"))), "header", "/X-Text"),
        (get("/cookies").insert_header(("cookie", value(b"text=s3cr3t\xff"))), "cookie", "/text"),
    ] {
        let faults = ask(request).await.faults();
        assert_eq!(faults, [(location.into(), pointer.into(), "invalid".into())]);
    }
    // What nobody asks for harms nobody.
    assert_eq!(ask(get("/headers").insert_header(("x-other", value(b"\xff")))).await.status, 200);
    assert_eq!(ask(get("/cookies").insert_header(("cookie", value(b"other=\xff; text=a")))).await.body, "a");
}

fn value(bytes: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(bytes).unwrap()
}

#[actix_web::test]
async fn nul_and_other_controls() {
    let answer = ask(get("/path/a%00b%0D%0A/1")).await;
    answer.is(200, "a\0b\r\n 1");
    assert_eq!(ask(get("/query?text=%00")).await.status, 200);
    let faults = ask(get("/query?number=%001")).await.faults();
    assert_eq!(faults[0].1, "/number");
}

#[actix_web::test]
async fn values_that_do_not_fit_are_not_told_back() {
    for request in [
        get("/query?number=s3cr3t&list=s3cr3t&list=-1"),
        get("/path/x/s3cr3t"),
        get("/headers").insert_header(("x-number", SECRET)),
        post("/form", FORM, "number=s3cr3t"),
        get("/query?number=1e2&number=99999999999999999999"),
    ] {
        ask(request).await.refuses(400, "invalid-request");
    }
}

#[actix_web::test]
async fn broken_escapes_stand_for_themselves() {
    for query in ["text=%", "text=%2", "text=%zz", "text=%%%", "=", "&&=&", "text", "%"] {
        assert_eq!(ask(get(&format!("/query?{query}"))).await.status, 200, "{query}");
    }
}

#[actix_web::test]
async fn a_query_that_is_all_one_name() {
    let uri = Uri::builder().path_and_query(format!("/api/query?{}", SECRET.repeat(10_000))).build().unwrap();
    let mut request = TestRequest::get();
    request = request.uri(&uri.to_string());
    assert_eq!(ask(request).await.status, 200);
}

#[actix_web::test]
async fn a_thousand_cookies_and_headers() {
    let crumbs = vec![format!("text={SECRET}"); 2_000].join("; ");
    let faults = ask(get("/cookies").insert_header(("cookie", crumbs))).await.faults();
    assert_eq!(faults, [("cookie".into(), String::new(), "too_many".into())]);
    let many = (0..1_100).fold(get("/headers"), |request, _| request.append_header(("x-number", "1")));
    let faults = ask(many).await.faults();
    assert_eq!(faults, [("header".into(), String::new(), "too_many".into())]);
}

#[actix_web::test]
async fn one_megabyte_of_one_value() {
    let large = SECRET.repeat(200_000);
    let answer = ask(get("/headers").insert_header(("x-text", large.as_str()))).await;
    answer.is(200, "None Some(1200000)");
    for request in [
        get("/headers").insert_header(("x-number", large.as_str())),
        get("/headers").insert_header(("x-number", ",".repeat(1_000_000))),
        post("/form", FORM, format!("number={large}")),
    ] {
        let answer = ask(request).await;
        answer.refuses(400, "invalid-request");
        assert!(answer.body.len() < 1_000, "{}", answer.body);
    }
    let cookie = format!("text={large}");
    assert_eq!(ask(get("/cookies").insert_header(("cookie", cookie))).await.body, large);
}

#[actix_web::test]
async fn credentials_of_any_form() {
    for name in ["x-api-key", "authorization", "cookie", "accept", "content-type"] {
        for bad in [&b"\xff\xfe"[..], b"", b"\t", b";;;,,,===", &[b'a'; 1_000_000], &[b','; 1_000_000]] {
            let request = TestRequest::post().uri("/api/closed").insert_header((name, value(bad)));
            let answer = ask(request).await;
            assert!([401, 406].contains(&answer.status), "{name}: {answer:?}");
        }
    }
}
