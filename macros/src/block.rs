//! The `impl` block. Only signatures are parsed; bodies stay tokens, so that half-typed code still expands.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, GenericParam, Generics, ReturnType, Signature, Token, Type, Visibility, braced,
    ext::IdentExt,
    parse::{ParseStream, Parser, discouraged::Speculative},
};

/// A macro above an `impl` block with the attributes of its methods, and the words that it is told in.
pub(crate) struct Family {
    /// `controller`.
    pub(crate) name: &'static str,
    /// `#[controller] impl Users { .. }`.
    pub(crate) example: &'static str,
    /// `get`, `post`, ..
    pub(crate) attributes: &'static [&'static str],
    /// `an endpoint`.
    pub(crate) method: &'static str,
    /// `controller`, what the block is.
    pub(crate) owner: &'static str,
}

impl Family {
    /// The name of our attribute, also when it is written with a path: `actix_charter::get`.
    pub(crate) fn name_of(&self, attribute: &Attribute) -> Option<&'static str> {
        let last = attribute.path().segments.last()?;
        let ours = attribute.path().segments.len() == 1
            || attribute.path().segments.first().is_some_and(|first| first.ident == "actix_charter");
        self.attributes.iter().copied().find(|name| ours && last.ident == name)
    }

    /// `[get(..)]`.
    fn is_ours(&self, token: &TokenTree) -> bool {
        let TokenTree::Group(group) = token else { return false };
        group.delimiter() == proc_macro2::Delimiter::Bracket
            && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(ident)) if self.attributes.iter().any(|name| ident == name))
    }

    /// The block.
    pub(crate) fn parse(&'static self, item: TokenStream) -> syn::Result<Block> {
        (|input: ParseStream<'_>| Block::parse(self, input)).parse2(item)
    }

    /// `tokens` without our attributes: for a block that cannot be read, so that they are not a second error.
    pub(crate) fn bare(&self, tokens: TokenStream) -> TokenStream {
        let mut bare = TokenStream::new();
        let mut rest = tokens.into_iter().peekable();
        while let Some(token) = rest.next() {
            match token {
                TokenTree::Punct(punct)
                    if punct.as_char() == '#' && rest.peek().is_some_and(|next| self.is_ours(next)) =>
                {
                    rest.next();
                }
                TokenTree::Group(group) => {
                    let mut inner = proc_macro2::Group::new(group.delimiter(), self.bare(group.stream()));
                    inner.set_span(group.span());
                    bare.extend([TokenTree::Group(inner)]);
                }
                other => bare.extend([other]),
            }
        }
        bare
    }
}

/// An `impl` block.
pub(crate) struct Block {
    family: &'static Family,
    attributes: Vec<Attribute>,
    unsafety: Option<Token![unsafe]>,
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    items: Vec<Item>,
}

enum Item {
    Method(Box<Method>),
    Other(TokenStream),
}

/// A method with its attributes; the body is not looked at.
pub(crate) struct Method {
    pub(crate) attributes: Vec<Attribute>,
    visibility: Visibility,
    pub(crate) signature: Signature,
    body: TokenTree,
}

impl Block {
    fn parse(family: &'static Family, input: ParseStream<'_>) -> syn::Result<Self> {
        let name = family.name;
        let attributes = input.call(Attribute::parse_outer)?;
        let unsafety = input.parse()?;
        if !input.peek(Token![impl]) {
            let example = family.example;
            return Err(input.error(format!("`#[{name}]` belongs on an `impl` block: `{example}`")));
        }
        input.parse::<Token![impl]>()?;
        let mut generics: Generics = if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
        let self_ty: Type = input.parse()?;
        if input.peek(Token![for]) {
            let message = format!("`#[{name}]` belongs on an inherent `impl` block, not on a trait's");
            return Err(syn::Error::new_spanned(self_ty, message));
        }
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(item(&content)?);
        }
        Ok(Self { family, attributes, unsafety, generics, self_ty, items })
    }
}

fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    let ahead = input.fork();
    if let Ok(method) = method(&ahead) {
        input.advance_to(&ahead);
        return Ok(Item::Method(Box::new(method)));
    }
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Brace,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        tokens.extend([token]);
        if ends {
            break;
        }
    }
    Ok(Item::Other(tokens))
}

fn method(input: ParseStream<'_>) -> syn::Result<Method> {
    Ok(Method {
        attributes: input.call(Attribute::parse_outer)?,
        visibility: input.parse()?,
        signature: input.parse()?,
        body: input.parse()?,
    })
}

impl Block {
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.items.iter().filter_map(|item| match item {
            Item::Method(method) => Some(&**method),
            Item::Other(_) => None,
        })
    }

    /// The attributes of the block, its doc comment among them.
    pub(crate) fn documented(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The block as the user wrote it, without our attributes.
    pub(crate) fn stripped(&self) -> TokenStream {
        let Self { family, attributes, unsafety, generics, self_ty, items } = self;
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let items = items.iter().map(|item| match item {
            Item::Other(tokens) => tokens.clone(),
            Item::Method(method) => {
                let Method { attributes, visibility, signature, body } = &**method;
                let attributes = attributes.iter().filter(|attribute| family.name_of(attribute).is_none());
                quote!(#(#attributes)* #visibility #signature #body)
            }
        });
        quote!(#(#attributes)* #unsafety impl #impl_generics #self_ty #where_clause { #(#items)* })
    }

    /// The last segment of the type's path: `Users` of `api::Users<S>`.
    pub(crate) fn name(&self) -> String {
        match &self.self_ty {
            Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.unraw().to_string()),
            _ => None,
        }
        .unwrap_or_else(|| "Controller".to_owned())
    }

    /// Whether a type mentions one of the block's parameters, by name or as a part of `Self`.
    pub(crate) fn is_named_in(&self, ty: &impl ToTokens) -> bool {
        let names: Vec<String> = self
            .generics
            .params
            .iter()
            .map(|param| match param {
                GenericParam::Type(param) => param.ident.to_string(),
                GenericParam::Const(param) => param.ident.to_string(),
                GenericParam::Lifetime(param) => param.lifetime.ident.to_string(),
            })
            .collect();
        !names.is_empty() && mentions(ty.to_token_stream(), &names)
    }

    /// `tokens` with `Self` written out, for items that stand outside of the block.
    pub(crate) fn without_self(&self, tokens: impl ToTokens) -> TokenStream {
        replace_self(tokens.to_token_stream(), &self.self_ty)
    }
}

fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Self" || names.iter().any(|name| ident == name),
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn replace_self(tokens: TokenStream, self_ty: &Type) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => self_ty.to_token_stream(),
            TokenTree::Group(group) => {
                let mut inner =
                    proc_macro2::Group::new(group.delimiter(), replace_self(group.stream(), self_ty));
                inner.set_span(group.span());
                TokenTree::Group(inner).into()
            }
            other => other.into(),
        })
        .collect()
}

impl Method {
    /// The types of the arguments after `self`.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Type> {
        self.signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(&*argument.ty),
            FnArg::Receiver(_) => None,
        })
    }

    /// `#[cfg(..)]`: what is generated for the method is there when the method is.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// The return type, `()` written out.
    pub(crate) fn output(&self) -> Type {
        match &self.signature.output {
            ReturnType::Type(_, ty) => (**ty).clone(),
            ReturnType::Default => syn::parse_quote!(()),
        }
    }
}
