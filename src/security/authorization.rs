//! The two header fields of HTTP authentication (RFC 9110 §11): reading `Authorization`, writing `WWW-Authenticate`.

use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, HeaderValue},
};

/// What `Authorization` holds for one scheme.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented<'a> {
    /// No such field, or one for another scheme.
    Nothing,
    /// What follows the scheme's name, without the spaces around it.
    Value(&'a [u8]),
    /// Several fields, of which one is for this scheme. Which one counts would depend on who reads it, so none does.
    Doubled,
}

/// Reads `Authorization` for `scheme`, whose name is compared without regard to case.
pub(crate) fn presented<'a>(request: &'a HttpRequest, scheme: &str) -> Presented<'a> {
    let mut found = Presented::Nothing;
    let mut fields = 0_usize;
    for field in request.headers().get_all(AUTHORIZATION) {
        fields += 1;
        let bytes = field.as_bytes();
        let end = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len());
        let (name, value) = bytes.split_at(end);
        if name.eq_ignore_ascii_case(scheme.as_bytes()) {
            found = Presented::Value(value.trim_ascii());
        }
    }
    if fields > 1 && found != Presented::Nothing { Presented::Doubled } else { found }
}

/// A challenge with parameters, all of them quoted: `Basic realm="api", charset="UTF-8"`.
pub(crate) fn challenge(scheme: &str, parameters: &[(&str, &str)]) -> HeaderValue {
    let mut text = scheme.to_owned();
    for (index, (name, value)) in parameters.iter().enumerate() {
        text.push_str(if index == 0 { " " } else { ", " });
        text.push_str(name);
        text.push_str("=\"");
        for c in value.chars() {
            match c {
                '"' | '\\' => text.extend(['\\', c]),
                // Neither is allowed in the quoted strings of RFC 6750 §3, and only some recipients read them right.
                c if c.is_ascii_control() || !c.is_ascii() => {}
                c => text.push(c),
            }
        }
        text.push('"');
    }
    // Cannot fail for what is left above; an empty challenge still would be better than a panic.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("Basic"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn scheme_names_are_compared_without_regard_to_case() {
        for name in ["Bearer", "bearer", "BEARER"] {
            let request = TestRequest::default()
                .insert_header((AUTHORIZATION, format!("{name}  abc")))
                .to_http_request();
            assert_eq!(presented(&request, "Bearer"), Presented::Value(b"abc"));
            assert_eq!(presented(&request, "Basic"), Presented::Nothing);
        }
    }

    #[test]
    fn a_scheme_is_not_a_prefix() {
        let request = TestRequest::default().insert_header((AUTHORIZATION, "Bearers abc")).to_http_request();
        assert_eq!(presented(&request, "Bearer"), Presented::Nothing);
    }

    #[test]
    fn a_lone_scheme_has_an_empty_value() {
        let request = TestRequest::default().insert_header((AUTHORIZATION, "Bearer")).to_http_request();
        assert_eq!(presented(&request, "Bearer"), Presented::Value(b""));
    }

    #[test]
    fn two_fields_are_refused_by_the_schemes_that_they_name() {
        let request = TestRequest::default()
            .append_header((AUTHORIZATION, "Bearer abc"))
            .append_header((AUTHORIZATION, "Basic abc"))
            .to_http_request();
        assert_eq!(presented(&request, "Bearer"), Presented::Doubled);
        assert_eq!(presented(&request, "Basic"), Presented::Doubled);
        assert_eq!(presented(&request, "Digest"), Presented::Nothing);
    }

    #[test]
    fn values_are_quoted() {
        let value = challenge("Basic", &[("realm", "a \"b\" \\ \r\nü"), ("charset", "UTF-8")]);
        assert_eq!(value, r#"Basic realm="a \"b\" \\ ", charset="UTF-8""#);
        assert_eq!(challenge("Negotiate", &[]), "Negotiate");
    }
}
