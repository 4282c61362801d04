use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};

/// A content coding in which a file may lie beside itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coding {
    pub(crate) name: &'static str,
    pub(crate) extension: &'static str,
}

/// The smallest first; equal weights are decided so.
const KNOWN: [Coding; 3] = [
    Coding { name: "br", extension: "br" },
    Coding { name: "zstd", extension: "zst" },
    Coding { name: "gzip", extension: "gz" },
];

/// The codings that `Accept-Encoding` takes and does not like less than the file as it is, the best first
/// (RFC 9110 §12.5.3).
pub(crate) fn accepted(headers: &HeaderMap) -> Vec<Coding> {
    let mut weights: Vec<(Option<u16>, Coding)> = KNOWN.map(|coding| (None, coding)).into();
    let mut any = None;
    let mut identity = None;
    for element in
        headers.get_all(ACCEPT_ENCODING).filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','))
    {
        let (name, parameters) = element.split_once(';').unwrap_or((element, ""));
        let name = match name.trim() {
            name if name.eq_ignore_ascii_case("x-gzip") => "gzip",
            name => name,
        };
        let weight = Some(weight(parameters));
        match weights.iter_mut().find(|(_, coding)| coding.name.eq_ignore_ascii_case(name)) {
            Some((place, _)) => *place = weight,
            None if name == "*" => any = weight,
            None if name.eq_ignore_ascii_case("identity") => identity = weight,
            None => {}
        }
    }
    let mut wanted: Vec<(u16, Coding)> = weights
        .into_iter()
        .filter_map(|(weight, coding)| Some((weight.or(any)?, coding)))
        .filter(|(weight, _)| *weight > 0 && identity.is_none_or(|identity| *weight >= identity))
        .collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wanted.into_iter().map(|(_, coding)| coding).collect()
}

/// Whether a middleware could find a reason to compress the answer.
pub(crate) fn invites_compression(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .any(|value| !value.as_bytes().is_empty() && !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// In thousandths. What cannot be read is no reason to refuse, nor to prefer: it counts as not wanted.
fn weight(parameters: &str) -> u16 {
    let mut parts = parameters.split(';').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    let Some(value) = parts.next() else { return 1000 };
    match value.parse::<f32>() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_respected() {
        for (accept, names) in [
            (&["gzip, br"][..], &["br", "gzip"][..]),
            (&["gzip;q=1.0, br;q=0.5"], &["gzip", "br"]),
            (&["gzip;q=0, br ; Q=0.1"], &["br"]),
            (&["*"], &["br", "zstd", "gzip"]),
            (&["*, br;q=0"], &["zstd", "gzip"]),
            (&["identity, gzip;q=0.5"], &[]),
            (&["identity;q=0.5, gzip;q=0.5"], &["gzip"]),
            (&["x-gzip"], &["gzip"]),
            (&["ZSTD", "deflate"], &["zstd"]),
            (&["gzip;q=2", "br;q=x"], &[]),
            (&[""], &[]),
            (&[], &[]),
        ] {
            let mut headers = HeaderMap::new();
            accept.iter().for_each(|value| headers.append(ACCEPT_ENCODING, value.parse().unwrap()));
            assert_eq!(accepted(&headers).iter().map(|c| c.name).collect::<Vec<_>>(), names, "{accept:?}");
        }
    }
}
