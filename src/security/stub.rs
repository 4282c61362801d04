//! stub until the security branch lands
use super::Scheme;
use crate::{endpoint::Output, problem::Problem};
use actix_web::HttpRequest;
use std::{
    any::{Any, TypeId},
    borrow::Cow,
    sync::Arc,
};
#[derive(Debug, Clone)]
pub struct SchemeRef {
    pub(crate) type_id: TypeId,
    pub(crate) type_name: &'static str,
    pub(crate) scopes: Vec<Cow<'static, str>>,
}
impl SchemeRef {
    pub fn of<S: Scheme>() -> Self {
        Self { type_id: TypeId::of::<S>(), type_name: std::any::type_name::<S>(), scopes: vec![] }
    }
    pub fn scopes(mut self, s: impl IntoIterator<Item = impl Into<Cow<'static, str>>>) -> Self {
        self.scopes = s.into_iter().map(Into::into).collect();
        self
    }
}
#[derive(Debug, Clone)]
pub enum Requirement {
    Public,
    AnyOf(Vec<SchemeRef>),
    Optional(Vec<SchemeRef>),
}
impl Requirement {
    pub(crate) fn with_scopes(self, _s: &[Cow<'static, str>]) -> Self {
        self
    }
}
pub(crate) trait ErasedScheme: std::fmt::Debug + Send + Sync {
    fn name(&self) -> Cow<'static, str>;
    fn document(&self) -> serde_json::Value;
}
impl<S: Scheme> ErasedScheme for S {
    fn name(&self) -> Cow<'static, str> {
        Scheme::name(self)
    }
    fn document(&self) -> serde_json::Value {
        Scheme::document(self)
    }
}
#[derive(Debug)]
pub(crate) struct Chain;
impl Chain {
    pub(crate) async fn identify(&self, _: &HttpRequest) -> Result<Option<Box<dyn Any>>, Problem> {
        Ok(None)
    }
    pub(crate) fn requirements(&self) -> Vec<(String, Vec<String>)> {
        vec![]
    }
    pub(crate) fn outputs(&self) -> Vec<Output> {
        vec![]
    }
}
pub(crate) fn resolve(_: &Requirement, _: &[Arc<dyn ErasedScheme>]) -> Result<Option<Chain>, Vec<String>> {
    Ok(None)
}
