//! `cookie = "sid", secure, ..`: a cookie and the rules that browsers hold it to.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, LitStr};

use crate::{
    attribute::{Entry, Seen, unknown},
    doc::Doc,
    faults::Faults,
    http::is_token,
};

pub(crate) const KNOWN: &[&str] = &["path", "domain", "secure", "http_only", "same_site", "max_age"];

/// A cookie with its static attributes.
pub(crate) struct Cookie {
    pub(crate) name: LitStr,
    path: Option<LitStr>,
    domain: Option<LitStr>,
    secure: bool,
    http_only: bool,
    same_site: Option<LitStr>,
    max_age: Option<u64>,
    description: Option<String>,
}

impl Cookie {
    /// Reads the entries beside `cookie = "name"`.
    pub(crate) fn read(
        name: LitStr,
        entries: &[&Entry],
        attributes: &[Attribute],
        faults: &mut Faults,
    ) -> Self {
        let mut this = Self {
            name,
            path: None,
            domain: None,
            secure: false,
            http_only: false,
            same_site: None,
            max_age: None,
            description: Doc::of(attributes).summary,
        };
        let mut seen = Seen::default();
        for entry in entries {
            if KNOWN.iter().any(|known| entry.is(known)) && !seen.first(&entry.key, faults) {
                continue;
            }
            match entry.key.to_string().as_str() {
                "path" => this.path = entry.text("/", faults),
                "domain" => this.domain = entry.text("example.org", faults),
                "secure" => this.secure = entry.flag(faults),
                "http_only" => this.http_only = entry.flag(faults),
                "same_site" => this.same_site = entry.text("Strict", faults),
                "max_age" => this.max_age = entry.number("3600", faults).map(|(seconds, _)| seconds),
                _ => unknown(&entry.key, KNOWN, faults),
            }
        }
        this.hold(faults);
        this
    }

    /// RFC 6265 §4.1 and draft-ietf-httpbis-rfc6265bis §4.1.
    fn hold(&self, faults: &mut Faults) {
        let name = self.name.value();
        if !is_token(&name) {
            faults.against(
                "header_name",
                &self.name,
                format!("`{name}` is not a cookie name: letters, digits and !#$%&'*+-.^_`|~ are allowed (RFC 6265)"),
            );
        }
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("__host-") {
            if !self.secure {
                faults.against(
                    "cookie_semantics",
                    &self.name,
                    "browsers refuse a `__Host-` cookie without `secure`",
                );
            }
            if let Some(domain) = &self.domain {
                faults.against(
                    "cookie_semantics",
                    domain,
                    "browsers refuse a `__Host-` cookie with a `domain`; leave it out",
                );
            }
            if let Some(path) = self.path.as_ref().filter(|path| path.value() != "/") {
                faults.against(
                    "cookie_semantics",
                    path,
                    "browsers refuse a `__Host-` cookie with another path than `/`",
                );
            }
        }
        if lower.starts_with("__secure-") && !self.secure {
            faults.against(
                "cookie_semantics",
                &self.name,
                "browsers refuse a `__Secure-` cookie without `secure`",
            );
        }
        if let Some(same_site) = &self.same_site {
            match same_site.value().as_str() {
                "Strict" | "Lax" => {}
                "None" if self.secure => {}
                "None" => faults.against(
                    "cookie_semantics",
                    same_site,
                    "browsers refuse `SameSite=None` without `secure`",
                ),
                _ => faults.at(same_site, "`same_site` is \"Strict\", \"Lax\" or \"None\""),
            }
        }
        if let Some(path) = self.path.as_ref().filter(|path| !path.value().starts_with('/')) {
            faults.at(path, "a cookie's path starts with `/`; browsers ignore any other");
        }
        for text in [&self.path, &self.domain].into_iter().flatten() {
            if text.value().bytes().any(|b| b == b';' || !(b' '..=b'~').contains(&b)) {
                faults.at(text, "a cookie's attribute is visible ASCII without `;`");
            }
        }
    }

    /// The `CookieSpec`.
    pub(crate) fn tokens(&self, required: bool) -> TokenStream {
        let name = &self.name;
        let spec = quote!(::actix_charter::endpoint::CookieSpec);
        let text =
            |text: TokenStream| quote!(::core::option::Option::Some(::std::borrow::Cow::Borrowed(#text)));
        let mut set = TokenStream::new();
        if !required {
            set.extend(quote!(required: false,));
        }
        if let Some(path) = &self.path {
            let path = text(quote!(#path));
            set.extend(quote!(path: #path,));
        }
        if let Some(domain) = &self.domain {
            let domain = text(quote!(#domain));
            set.extend(quote!(domain: #domain,));
        }
        if let Some(description) = &self.description {
            let description = text(quote!(#description));
            set.extend(quote!(description: #description,));
        }
        if self.secure {
            set.extend(quote!(secure: true,));
        }
        if self.http_only {
            set.extend(quote!(http_only: true,));
        }
        if let Some(same_site) = &self.same_site {
            let same_site = syn::Ident::new(&same_site.value(), Span::call_site());
            set.extend(quote! {
                same_site: ::core::option::Option::Some(
                    ::actix_charter::__private::actix_web::cookie::SameSite::#same_site,
                ),
            });
        }
        if let Some(max_age) = self.max_age {
            set.extend(
                quote!(max_age: ::core::option::Option::Some(::core::time::Duration::from_secs(#max_age)),),
            );
        }
        if set.is_empty() {
            quote!(#spec::required(#name))
        } else {
            quote!(#spec { #set ..#spec::required(#name) })
        }
    }
}
