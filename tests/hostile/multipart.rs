//! Multipart bodies without a boundary, without an end, without sense.

use crate::api::{ask, post};

const TYPE: &str = "multipart/form-data; boundary=b";

#[actix_web::test]
async fn without_a_boundary() {
    let body = "--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\ns3cr3t\r\n--b--\r\n";
    for media_type in
        ["multipart/form-data", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=other"]
    {
        ask(post("/multipart", media_type, body)).await.refuses(400, "invalid-request");
    }
    let malformed = ask(post("/multipart", "multipart/form-data; boundary=", body)).await;
    malformed.refuses(415, "unsupported-media-type");
    assert_eq!(ask(post("/multipart", TYPE, body)).await.body, "s3cr3t");
}

#[actix_web::test]
async fn without_an_end() {
    let whole = "--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\ns3cr3t\r\n--b--\r\n";
    let end = whole.find("--b--").unwrap() + 3;
    for cut in 0..=end {
        let answer = ask(post("/multipart", TYPE, &whole[..cut])).await;
        answer.refuses(400, "invalid-request");
    }
}

#[actix_web::test]
async fn without_sense() {
    for body in [
        "",
        "s3cr3t",
        "--b",
        "--b--",
        "--b\r\n\r\ns3cr3t\r\n--b--\r\n",
        "--b\r\ncontent-disposition: form-data\r\n\r\ns3cr3t\r\n--b--\r\n",
        "--b\r\ncontent-disposition: attachment; name=\"title\"\r\n\r\ns3cr3t\r\n--b--\r\n",
        "--b\r\ncontent-disposition s3cr3t\r\n\r\n\r\n--b--\r\n",
        "--b\r\ncontent-disposition: form-data; name=\"title\"\r\ncontent-type: multipart/mixed; boundary=c\r\n\r\ns3cr3t\r\n--b--\r\n",
    ] {
        let answer = ask(post("/multipart", TYPE, body)).await;
        if answer.status != 201 {
            answer.refuses(400, "invalid-request");
        } else {
            assert_eq!(answer.body, "", "{body}");
        }
    }
}

#[actix_web::test]
async fn with_text_that_is_not_utf8() {
    let body =
        b"--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\ns3cr3t\xff\r\n--b--\r\n".to_vec();
    ask(post("/multipart", TYPE, body)).await.refuses(400, "invalid-request");
}

#[actix_web::test]
async fn of_thousands_of_parts() {
    let part = "--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\ns3cr3t\r\n";
    ask(post("/multipart", TYPE, part.repeat(20_000) + "--b--\r\n")).await.refuses(413, "too-large");
}

#[actix_web::test]
async fn with_endless_headers() {
    let body = format!("--b\r\nx: {}", "y".repeat(1_000_000));
    let answer = ask(post("/multipart", TYPE, body)).await;
    assert!([400, 413].contains(&answer.status), "{answer:?}");
    crate::api::problem(&answer.body);
}
