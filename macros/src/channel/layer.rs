//! What a channel says of how it behaves, as calls on `ChannelLayer`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, LitBool, LitInt, Token, ext::IdentExt, parenthesized, parse::ParseStream};

use super::duration;
use crate::{
    entries::{assigned, bytes, separator},
    faults::Faults,
};

/// The calls.
#[derive(Default)]
pub(crate) struct Layer(Vec<TokenStream>);

/// The keys of this file.
pub(crate) const KEYS: &[&str] = &[
    "history",
    "recover",
    "presence",
    "join_leave",
    "leave_delay",
    "meta_ttl",
    "delta",
    "slow",
    "data_limit",
];

const HISTORY: &str = "`history(size = 100, ttl = \"1h\")`, or `history = false`";

impl Layer {
    /// Reads one key; `None` when it is not one of a layer's.
    pub(crate) fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        faults: &mut Faults,
    ) -> Option<syn::Result<()>> {
        let name = key.to_string();
        KEYS.contains(&name.as_str()).then(|| self.known(&name, key, input, faults))
    }

    fn known(
        &mut self,
        name: &str,
        key: &Ident,
        input: ParseStream<'_>,
        faults: &mut Faults,
    ) -> syn::Result<()> {
        let at = key.span();
        match name {
            "history" => return self.history(key, input, faults),
            "presence" => {
                if input.peek(syn::token::Paren) {
                    server_only(input, key)?;
                    self.0.push(quote_spanned!(at=> .presence(true).presence_for_clients(false)));
                } else {
                    let on = switch(input, key)?;
                    self.0.push(quote_spanned!(at=> .presence(#on)));
                }
            }
            "join_leave" | "delta" => {
                let on = switch(input, key)?;
                self.0.push(quote_spanned!(at=> .#key(#on)));
            }
            "leave_delay" | "meta_ttl" => {
                let time = duration::parse(input, key)?;
                self.0.push(quote_spanned!(at=> .#key(#time)));
            }
            "data_limit" => {
                let bytes = bytes(input, key)?;
                self.0.push(quote_spanned!(at=> .data_limit(#bytes)));
            }
            "recover" => {
                let known = [("stream", "Stream"), ("cache", "Cache"), ("none", "None")];
                let mode = if input.peek(Token![=]) {
                    word(
                        input,
                        key,
                        &known,
                        "`stream` (the same as `recover` alone), `cache` or `none`",
                        faults,
                    )?
                } else {
                    alone_or(input, key, "`recover`, `recover = cache` or `recover = none`")?;
                    Some(Ident::new("Stream", at))
                };
                let mode = mode.map(|mode| quote!(::actix_charter::live::RecoveryMode::#mode));
                self.0.extend(mode.map(|mode| quote_spanned!(at=> .recovery(#mode))));
            }
            "slow" => {
                let known =
                    [("disconnect", "Disconnect"), ("conflate", "Conflate"), ("drop_oldest", "DropOldest")];
                let policy = word(input, key, &known, "`disconnect`, `conflate` or `drop_oldest`", faults)?;
                let policy = policy.map(|policy| quote!(::actix_charter::live::SlowPolicy::#policy));
                self.0.extend(policy.map(|policy| quote_spanned!(at=> .slow(#policy))));
            }
            _ => {}
        }
        Ok(())
    }

    fn history(&mut self, key: &Ident, input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<()> {
        let at = key.span();
        let wrong = || syn::Error::new(at, format!("write {HISTORY}"));
        if input.peek(Token![=]) {
            let on: LitBool = assigned(input, key, &format!("sizes and times: {HISTORY}"))?;
            if on.value {
                return Err(wrong());
            }
            self.0.push(quote_spanned!(at=> .no_history()));
            return Ok(());
        }
        if !input.peek(syn::token::Paren) {
            return Err(wrong());
        }
        let content;
        parenthesized!(content in input);
        let (mut size, mut ttl, mut server) = (None, None, false);
        while !content.is_empty() {
            let inner = content.call(Ident::parse_any)?;
            match inner.to_string().as_str() {
                "size" => {
                    let literal: LitInt = assigned(&content, &inner, "a number: `size = 100`")?;
                    let number: usize = literal.base10_parse()?;
                    if number == 0 {
                        faults.at(
                            &literal,
                            "a history keeps at least one publication; `history = false` is none",
                        );
                    }
                    size = Some(number);
                }
                "ttl" => ttl = Some(duration::parse(&content, &inner)?),
                "server" => server = true,
                _ => {
                    let text =
                        format!("`{inner}` is not known here; a history has `size`, `ttl` and `server`");
                    // What is left unread would be a second error.
                    content.parse::<TokenStream>()?;
                    return Err(syn::Error::new(inner.span(), text));
                }
            }
            separator(&content)?;
        }
        let (Some(size), Some(ttl)) = (size, ttl) else {
            let text = format!("a history is bounded in size and in time: {HISTORY}");
            return Err(syn::Error::new(at, text));
        };
        self.0.push(quote_spanned!(at=> .history(#size, #ttl)));
        if server {
            self.0.push(quote_spanned!(at=> .history_for_clients(false)));
        }
        Ok(())
    }

    /// `ChannelLayer::new()` with everything said.
    pub(crate) fn tokens(&self) -> Option<TokenStream> {
        let calls = &self.0;
        (!calls.is_empty()).then(|| quote!(::actix_charter::live::ChannelLayer::new() #(#calls)*))
    }
}

/// `key`, `key = true` or `key = false`.
fn switch(input: ParseStream<'_>, key: &Ident) -> syn::Result<bool> {
    if input.peek(Token![=]) {
        return Ok(assigned::<LitBool>(input, key, "`true` or `false`; alone, it is `true`")?.value);
    }
    alone_or(input, key, &format!("`{key}`, or `{key} = false`"))?;
    Ok(true)
}

fn alone_or(input: ParseStream<'_>, key: &Ident, wants: &str) -> syn::Result<()> {
    if input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), format!("write {wants}")));
    }
    Ok(())
}

/// `(server)`.
fn server_only(input: ParseStream<'_>, key: &Ident) -> syn::Result<()> {
    let content;
    parenthesized!(content in input);
    let wrong = || {
        let text = format!("write `{key}`, or `{key}(server)` to keep it from clients, or `{key} = false`");
        syn::Error::new(key.span(), text)
    };
    let word: Ident = content.parse().map_err(|_| wrong())?;
    if word == "server" && content.is_empty() { Ok(()) } else { Err(wrong()) }
}

/// `= word`, as the variant that it stands for.
fn word(
    input: ParseStream<'_>,
    key: &Ident,
    known: &[(&str, &str)],
    wants: &str,
    faults: &mut Faults,
) -> syn::Result<Option<Ident>> {
    let word: Ident = assigned(input, key, wants)?;
    let found = known.iter().find(|(name, _)| word == name);
    if found.is_none() {
        faults.at(&word, format!("`{key}` takes {wants}"));
    }
    Ok(found.map(|(_, variant)| Ident::new(variant, word.span())))
}
