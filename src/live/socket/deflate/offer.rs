use std::fmt::Write;

use super::{Deflate, Parameters, WINDOWS};

/// Finds the first offer that can be met in `Sec-WebSocket-Extensions`; what is agreed, and the header that says so.
pub(in super::super) fn negotiate<'a>(
    offers: impl Iterator<Item = &'a str>,
    deflate: &Deflate,
) -> Option<(Parameters, String)> {
    offers.flat_map(|line| line.split(',')).find_map(|offer| accept(offer, deflate))
}

fn accept(offer: &str, deflate: &Deflate) -> Option<(Parameters, String)> {
    let mut parts = offer.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("permessage-deflate") {
        return None;
    }
    let (mut server_no_context, mut client_no_context) = (false, false);
    let (mut server_window, mut client_window) = (None, None);
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
            None => (part, None),
        };
        // Twice the same, an unknown one, or a value that cannot be: the offer is declined (RFC 7692 §7).
        match (name.to_ascii_lowercase().as_str(), value) {
            ("server_no_context_takeover", None) if !server_no_context => server_no_context = true,
            ("client_no_context_takeover", None) if !client_no_context => client_no_context = true,
            ("server_max_window_bits", Some(bits)) if server_window.is_none() => {
                server_window = Some(window(bits)?);
            }
            ("client_max_window_bits", None) if client_window.is_none() => client_window = Some(None),
            ("client_max_window_bits", Some(bits)) if client_window.is_none() => {
                client_window = Some(Some(window(bits)?));
            }
            _ => return None,
        }
    }
    let parameters = Parameters {
        window: server_window.unwrap_or(*WINDOWS.end()),
        client_window: client_window.flatten().unwrap_or(*WINDOWS.end()),
        client_context: deflate.client_context && !client_no_context,
        smallest: deflate.smallest,
    };
    let mut answer = "permessage-deflate; server_no_context_takeover".to_owned();
    if !parameters.client_context {
        answer.push_str("; client_no_context_takeover");
    }
    if let Some(bits) = server_window {
        let _ = write!(answer, "; server_max_window_bits={bits}");
    }
    if let Some(Some(bits)) = client_window {
        let _ = write!(answer, "; client_max_window_bits={bits}");
    }
    Some((parameters, answer))
}

/// A window size: a number without leading zeros that zlib can do.
fn window(bits: &str) -> Option<u8> {
    if bits.starts_with('0') {
        return None;
    }
    bits.parse().ok().filter(|bits| WINDOWS.contains(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(offers: &str) -> Option<String> {
        negotiate([offers].into_iter(), &Deflate::new().client_context(true)).map(|(_, answer)| answer)
    }

    #[test]
    fn offers() {
        let plain = "permessage-deflate; server_no_context_takeover";
        for (offer, expected) in [
            ("permessage-deflate", Some(plain.to_owned())),
            ("permessage-deflate; client_max_window_bits", Some(plain.to_owned())),
            (
                "permessage-deflate; client_no_context_takeover; server_max_window_bits=10",
                Some(format!("{plain}; client_no_context_takeover; server_max_window_bits=10")),
            ),
            (
                "permessage-deflate; client_max_window_bits=\"9\"",
                Some(format!("{plain}; client_max_window_bits=9")),
            ),
            ("permessage-deflate; server_max_window_bits=8", None),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", Some(plain.to_owned())),
            ("permessage-deflate; server_max_window_bits=09", None),
            ("permessage-deflate; server_max_window_bits", None),
            ("permessage-deflate; server_no_context_takeover=1", None),
            ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", None),
            ("permessage-deflate; mystery", None),
            ("x-webkit-deflate-frame", None),
        ] {
            assert_eq!(answer(offer), expected, "{offer}");
        }
    }
}
