use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

/// The value of the first cookie of exactly this name.
///
/// Not `HttpRequest::cookie`, which decodes names too: a sibling domain could then set `__%48ost-session`, which browsers do
/// not know for the reserved prefix that it would be read as.
pub(crate) fn credentials(request: &HttpRequest, name: &str) -> Option<String> {
    let cookie = request.cookie_raw(name)?;
    Some(percent_decode_str(cookie.value()).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::credentials;

    #[test]
    fn names_are_compared_as_they_were_sent() {
        let request = TestRequest::default()
            .insert_header(("cookie", "__%48ost-session=attacker; __Host-session=mine%2Dtoo"))
            .to_http_request();
        assert_eq!(credentials(&request, "__Host-session").as_deref(), Some("mine-too"));
        assert_eq!(credentials(&request, "other"), None);
    }
}
