//! What a controller and an endpoint can both say: the options of their layer.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Expr, Ident, LitBool, LitInt, LitStr, parse::ParseStream, spanned::Spanned};

use super::security::Security;
use crate::{
    attribute::nearest,
    entries::{alone, assigned, bytes, list},
    faults::Faults,
};

/// The options of one layer, as calls on `Options` and on the declaration itself.
#[derive(Default)]
pub(crate) struct Layer {
    /// `.contract(..)`, `.parsers(..)`, ..
    pub(crate) options: Vec<TokenStream>,
    pub(crate) tags: Vec<LitStr>,
    pub(crate) deprecated: bool,
    pub(crate) hidden: bool,
    pub(crate) wraps: Vec<Expr>,
    pub(crate) allowed: Vec<String>,
}

/// The keys of this file.
pub(crate) const KEYS: &[&str] = &[
    "tag",
    "deprecated",
    "hidden",
    "security",
    "wrap",
    "parsers",
    "renderers",
    "contract",
    "allow",
    "error_model",
    "on_error",
    "body_limit",
    "body_timeout",
    "pairs_limit",
    "multipart",
    "head",
    "options",
    "headers",
];

/// Rules that only the compiler checks, and all others.
pub(crate) const RULES: &[(&str, &str)] = &[
    ("empty_request_body", "EmptyRequestBody"),
    ("empty_response_body", "EmptyResponseBody"),
    ("status_content", "StatusContent"),
    ("path_names", "PathNames"),
    ("header_name", "HeaderName"),
    ("cookie_semantics", "CookieSemantics"),
    ("shadowed_route", "ShadowedRoute"),
    ("status", "Status"),
    ("content_type", "ContentType"),
    ("required_header", "RequiredHeader"),
    ("undeclared_header", "UndeclaredHeader"),
    ("cookies", "Cookies"),
    ("empty_body", "EmptyBody"),
    ("body_model", "BodyModel"),
];

impl Layer {
    /// Reads one key; `None` when it is not one of a layer's.
    pub(crate) fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        faults: &mut Faults,
    ) -> Option<syn::Result<()>> {
        let name = key.to_string();
        if !KEYS.contains(&name.as_str()) {
            return None;
        }
        Some(self.known(&name, key, input, faults))
    }

    fn known(
        &mut self,
        name: &str,
        key: &Ident,
        input: ParseStream<'_>,
        faults: &mut Faults,
    ) -> syn::Result<()> {
        let options = quote!(::actix_charter::endpoint);
        let at = key.span();
        match name {
            "tag" => {
                let tag = assigned(input, key, "a text: `tag = \"users\"`")?;
                self.tags.push(tag);
            }
            "deprecated" => {
                alone(input, key)?;
                self.deprecated = true;
            }
            "hidden" => {
                alone(input, key)?;
                self.hidden = true;
            }
            "security" => {
                let requirement = Security::parse(input, key.span())?.tokens();
                self.options.push(quote_spanned!(at=> .security(#requirement)));
            }
            "wrap" => self.wraps.push(assigned(
                input,
                key,
                "the way to make a middleware: `wrap = Logger::default`",
            )?),
            "error_model" => {
                let model: Expr = assigned(input, key, "an error model: `error_model = CompactDetail`")?;
                self.options.push(quote_spanned!(at=> .error_model(#model)));
            }
            "on_error" => {
                let hook: Expr = assigned(input, key, "a function: `on_error = rename_codes`")?;
                self.options.push(quote_spanned!(at=> .on_error(#hook)));
            }
            "body_timeout" => {
                let time: Expr = assigned(input, key, "a duration: `body_timeout = Duration::from_secs(5)`")?;
                self.options.push(quote_spanned!(at=> .body_timeout(#time)));
            }
            "multipart" => {
                let limits: Expr =
                    assigned(input, key, "limits: `multipart = MultipartLimits::new().files(3)`")?;
                self.options.push(quote!(.multipart(#limits)));
            }
            "pairs_limit" => {
                let pairs: LitInt = assigned(input, key, "a number: `pairs_limit = 100`")?;
                self.options.push(quote_spanned!(at=> .pairs_limit(#pairs)));
            }
            "head" | "options" => {
                let on: LitBool = assigned(input, key, "`true` or `false`")?;
                self.options.push(quote_spanned!(at=> .#key(#on)));
            }
            "body_limit" => {
                let bytes = bytes(input, key)?;
                self.options.push(quote_spanned!(at=> .body_limit(#bytes)));
            }
            "contract" => {
                let mode: Ident = assigned(input, key, "`off`, `log` or `fail`")?;
                let variant = match mode.to_string().as_str() {
                    "off" => quote!(Off),
                    "log" => quote!(Log),
                    "fail" => quote!(Fail),
                    _ => {
                        faults.at(&mode, "a contract is `off`, `log` or `fail`");
                        return Ok(());
                    }
                };
                self.options.push(quote_spanned!(at=> .contract(#options::ContractMode::#variant)));
            }
            "allow" => self.allow(list::<Ident>(input, key, "`allow(undeclared_header)`")?, faults),
            "parsers" | "renderers" => {
                let media = if name == "parsers" { "Parsing" } else { "Rendering" };
                let entries = list::<Expr>(input, key, "`parsers(Json, Form)`")?.into_iter().map(|entry| {
                    let builtin = match &entry {
                        Expr::Path(path) => path.path.get_ident().filter(|ident| {
                            ["Json", "MsgPack", "Form", "Multipart"].contains(&ident.to_string().as_str())
                        }),
                        _ => None,
                    };
                    let media = Ident::new(media, entry.span());
                    match builtin {
                        Some(variant) => quote!(::actix_charter::media::#media::#variant),
                        None => {
                            let at = entry.span();
                            quote_spanned!(at=> ::actix_charter::media::#media::from(#entry))
                        }
                    }
                });
                self.options.push(quote_spanned!(at=> .#key([#(#entries),*])));
            }
            "headers" => {
                let mut specs = Vec::new();
                for header in list::<LitStr>(input, key, "`headers(\"X-Request-Id\")`")? {
                    if crate::http::header_name(
                        &header,
                        "cookies are declared with `cookie(..)` or by the reply",
                        faults,
                    )
                    .is_some()
                    {
                        specs.push(quote!(#options::HeaderSpec::optional(#header)));
                    }
                }
                self.options.push(quote_spanned!(at=> .headers([#(#specs),*])));
            }
            _ => {}
        }
        Ok(())
    }

    fn allow(&mut self, rules: Vec<Ident>, faults: &mut Faults) {
        let mut variants = Vec::new();
        for rule in rules {
            match RULES.iter().find(|(name, _)| rule == name) {
                Some((name, variant)) => {
                    let variant = Ident::new(variant, rule.span());
                    variants.push(quote!(::actix_charter::endpoint::Rule::#variant));
                    self.allowed.push((*name).to_owned());
                }
                None => {
                    let more = match nearest(&rule.to_string(), RULES.iter().map(|(name, _)| *name)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => {
                            let known = RULES.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
                            format!("rules are {}", known.join(", "))
                        }
                    };
                    faults.at(&rule, format!("there is no rule `{rule}`; {more}"));
                }
            }
        }
        self.options.push(quote!(.allow([#(#variants),*])));
    }

    /// Whether this layer turns the rule off.
    pub(crate) fn allows(&self, rule: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == rule)
    }

    /// `Options::new()` with everything said.
    pub(crate) fn options_tokens(&self) -> Option<TokenStream> {
        let calls = &self.options;
        (!calls.is_empty()).then(|| quote!(::actix_charter::endpoint::Options::new() #(#calls)*))
    }
}
