//! JSON that is deep, doubled, broken, or not Unicode.

use actix_charter::problem::MAX_FAULTS;

use crate::api::{SECRET, ask, json};

#[actix_web::test]
async fn ten_thousand_levels_deep() {
    for (open, close) in [("[", "]"), (r#"{"inner":"#, "}"), (r#"{"text":"x","inner":"#, "}")] {
        let deep = open.repeat(10_000) + "1" + &close.repeat(10_000);
        for path in ["/any", "/large"] {
            ask(json(path, deep.clone())).await.refuses(400, "invalid-request");
            // Without its end it is no better.
            ask(json(path, open.repeat(10_000))).await.refuses(400, "invalid-request");
        }
    }
}

#[actix_web::test]
async fn keys_that_are_there_twice() {
    let faults = ask(json("/json", format!(r#"{{"text":"{SECRET}","text":"{SECRET}"}}"#))).await.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    // A map without a model keeps the last, as JSON parsers do.
    ask(json("/any", r#"{"a":1,"a":22}"#)).await.is(201, "8");
}

#[actix_web::test]
async fn lone_surrogates() {
    for text in [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#""\ud800x""#] {
        for path in ["/json", "/any"] {
            let answer = ask(json(path, format!(r#"{{"text":{text},"tags":["{SECRET}"]}}"#))).await;
            answer.refuses(400, "invalid-request");
        }
    }
}

#[actix_web::test]
async fn nul_is_a_character() {
    let answer = ask(json("/json", r#"{"text":"a\u0000b"}"#)).await;
    assert_eq!(answer.status, 201);
    assert!(answer.body.starts_with(r#"{"text":"a\u0000b""#), "{}", answer.body);
    // Unless it is not escaped.
    ask(json("/json", b"{\"text\":\"a\0b\"}".to_vec())).await.refuses(400, "invalid-request");
    ask(json("/json", b"\0".to_vec())).await.refuses(400, "invalid-request");
}

#[actix_web::test]
async fn text_that_is_not_utf8() {
    for text in [
        &b"{\"text\":\"s3cr3t\xff\"}"[..],
        b"\xff\xfe",
        b"{\"s3cr3t\xc3\":1}",
        b"\xef\xbb\xbf{\"text\":\"x\"}",
    ] {
        ask(json("/json", text)).await.refuses(400, "invalid-request");
    }
}

#[actix_web::test]
async fn numbers_beyond_all_bounds() {
    for number in ["1e999", "-1e999", &"9".repeat(900), "1.5", "-0.1", "256", "1E400"] {
        ask(json("/json", format!(r#"{{"text":"{SECRET}","number":{number}}}"#)))
            .await
            .refuses(400, "invalid-request");
    }
    for number in ["NaN", "Infinity", "0x10", "01", "+1", ".5"] {
        ask(json("/any", number)).await.refuses(400, "invalid-request");
    }
}

#[actix_web::test]
async fn thousands_of_faults_are_bounded() {
    for (count, told) in [(1_000, MAX_FAULTS), (300_000, 1)] {
        let tags = vec!["1"; count].join(",");
        let faults = ask(json("/large", format!(r#"{{"text":1,"tags":[{tags}]}}"#))).await.faults();
        // What is too large to be explained whole has its first fault told.
        assert_eq!(faults.len(), told, "{count}");
    }
    // Long names stand in pointers, and are cut.
    let name = SECRET.chars().rev().collect::<String>().repeat(10_000);
    let answer = ask(json("/large", format!(r#"{{"text":"x","inner":{{"{name}":1}}}}"#))).await;
    answer.refuses(400, "invalid-request");
    assert!(answer.body.len() < 2_000, "{}", answer.body.len());
}

#[actix_web::test]
async fn what_is_no_json() {
    for body in [
        "{",
        "s3cr3t",
        "{\"text\":\"s3cr3t\"",
        "{\"text\":\"x\"} s3cr3t",
        "{'text':'s3cr3t'}",
        "[]",
        "null",
        "\"s3cr3t\"",
    ] {
        ask(json("/json", body)).await.refuses(400, "invalid-request");
    }
    let faults = ask(json("/json", "")).await.faults();
    assert_eq!(faults, [("body".into(), String::new(), "required".into())]);
}
