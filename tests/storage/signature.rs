//! Signature Version 4 of Amazon, checked as its documentation tells; nothing here is shared with those who sign.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

pub(crate) const KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// What a request is signed for: how, and what its query says apart from the signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    Headers,
    Link(BTreeMap<String, String>),
}

pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

pub(crate) fn query(request: &HttpRequest) -> BTreeMap<String, String> {
    let pairs = request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut all = BTreeMap::new();
    for pair in pairs {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        assert!(all.insert(decode(name), decode(value)).is_none(), "{name} is there twice");
    }
    all
}

/// # Errors
/// Why the request is refused.
pub(crate) fn verify(request: &HttpRequest, now: DateTime<Utc>) -> Result<Signed, &'static str> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let mut query = query(request);
    let link = query.remove("X-Amz-Signature");
    let presigned = link.is_some();
    let (credential, names, signature, date, payload);
    if let Some(given) = link {
        if query.get("X-Amz-Algorithm").map(String::as_str) != Some("AWS4-HMAC-SHA256") {
            return Err("algorithm");
        }
        credential = query.get("X-Amz-Credential").ok_or("no credential")?.clone();
        names = query.get("X-Amz-SignedHeaders").ok_or("no headers")?.clone();
        date = query.get("X-Amz-Date").ok_or("no date")?.clone();
        signature = given;
        payload = "UNSIGNED-PAYLOAD".to_owned();
    } else {
        let text = header("authorization").ok_or("anonymous")?;
        let text = text.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("algorithm")?;
        let field = |name: &str| {
            let mut fields = text.split(',').filter_map(|field| field.trim().split_once('='));
            fields.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
        };
        credential = field("Credential").ok_or("no credential")?;
        names = field("SignedHeaders").ok_or("no headers")?;
        signature = field("Signature").ok_or("no signature")?;
        date = header("x-amz-date").ok_or("no date")?.to_owned();
        payload = header("x-amz-content-sha256").ok_or("no payload")?.to_owned();
        if query.keys().any(|name| name.starts_with("X-Amz-")) {
            return Err("signed twice");
        }
    }

    let made = NaiveDateTime::parse_from_str(&date, "%Y%m%dT%H%M%SZ").map_err(|_| "date")?.and_utc();
    let until = if presigned {
        let seconds = query.get("X-Amz-Expires").and_then(|text| text.parse().ok()).ok_or("no expiry")?;
        if !(1..=604_800).contains(&seconds) {
            return Err("expiry out of bounds");
        }
        made + Duration::seconds(seconds)
    } else {
        made + Duration::minutes(15)
    };
    if now > until || now + Duration::minutes(15) < made {
        return Err("expired");
    }

    let scope: Vec<_> = credential.splitn(2, '/').collect();
    let [id, scope] = scope[..] else { return Err("credential") };
    let [day, region, service, end] = scope.split('/').collect::<Vec<_>>()[..] else { return Err("scope") };
    if (id, service, end) != (KEY_ID, "s3", "aws4_request") || !date.starts_with(day) {
        return Err("scope");
    }
    if !names.split(';').any(|name| name == "host") {
        return Err("host is not signed");
    }
    for (name, _) in request.headers() {
        if name.as_str().starts_with("x-amz-") && !names.split(';').any(|signed| signed == name.as_str()) {
            return Err("an x-amz header is not signed");
        }
    }
    let encoded = |text: &String| utf8_percent_encode(text, UNRESERVED).to_string();
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut canonical = format!(
        "{}\n{}\n{}\n",
        request.method(),
        utf8_percent_encode(&decode(request.uri().path()), PATH),
        pairs.join("&")
    );
    for name in names.split(';') {
        let value = header(name).ok_or("a signed header is missing")?;
        canonical.push_str(&format!("{name}:{}\n", value.trim()));
    }
    canonical.push_str(&format!("\n{names}\n{payload}"));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let key = [day, region, service, end]
        .iter()
        .fold(format!("AWS4{SECRET}").into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    if hex(&hmac(&key, text.as_bytes())) != signature {
        return Err("signature");
    }
    Ok(if presigned { Signed::Link(query) } else { Signed::Headers })
}

#[test]
fn the_mac_is_that_of_rfc_2104() {
    let tag = hmac(b"key", b"The quick brown fox jumps over the lazy dog");
    assert_eq!(hex(&tag), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}
