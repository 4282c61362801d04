//! `"90s"`, or an expression.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Ident, LitInt, LitStr, parse::ParseStream};

use crate::entries::assigned;

const WANTS: &str = "a time: a text such as `\"90s\"`, `\"15m\"`, `\"1h\"` or `\"7d\"`, or a `Duration`";

/// `key = "1h"` or `key = Duration::from_secs(3600)`.
pub(crate) fn parse(input: ParseStream<'_>, key: &Ident) -> syn::Result<TokenStream> {
    if input.peek(syn::Token![=]) && input.peek2(LitStr) {
        let text: LitStr = assigned(input, key, WANTS)?;
        let millis = millis(&text.value())
            .ok_or_else(|| syn::Error::new(text.span(), format!("`{key}` takes {WANTS}")))?;
        return Ok(quote!(::core::time::Duration::from_millis(#millis)));
    }
    if input.peek(syn::Token![=]) && input.peek2(LitInt) {
        // A number without its unit.
        let number: LitInt = assigned(input, key, WANTS)?;
        return Err(syn::Error::new(number.span(), format!("`{key}` takes {WANTS}")));
    }
    Ok(assigned::<Expr>(input, key, WANTS)?.into_token_stream())
}

fn millis(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let factor: u64 = match text.get(digits.len()..)?.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60 * 1_000,
        "h" => 60 * 60 * 1_000,
        "d" => 24 * 60 * 60 * 1_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn reads_times_with_a_unit_only() {
        assert_eq!(millis("250ms"), Some(250));
        assert_eq!(millis("1h"), Some(3_600_000));
        assert_eq!(millis("7 d"), Some(604_800_000));
        assert_eq!(millis("15min"), Some(900_000));
        for wrong in ["", "1", "h", "-1s", "1.5h", "1 week", "99999999999999999d"] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}
