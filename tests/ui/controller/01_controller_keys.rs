use actix_charter::prelude::*;

macro_rules! case {
    ($name:ident, $($arguments:tt)*) => {
        struct $name;

        #[controller($($arguments)*)]
        impl $name {
            #[get]
            fn get(&self) -> NoContent {
                NoContent
            }
        }
    };
}

case!(Misspelt, pth = "/a", tagg = "b");
case!(Unknown, summary = "x");
case!(OnlyEndpoints, operation_id = "x");
case!(Doubled, path = "/a", path = "/b");
case!(PathIsText, path = a);
case!(NameIsText, name);
case!(TagIsText, tag("a"));
case!(Flags, deprecated = true, hidden(yes));
case!(SecurityNeedsScheme, security);
case!(SecurityNeedsOne, security());
case!(WrapIsAssigned, wrap(Logger));
case!(ParsersAreListed, parsers = Json);
case!(ContractModes, contract = strict);
case!(ContractIsAssigned, contract(log));
case!(Rules, allow(anything, undeclared_headr));
case!(AllowIsListed, allow = status);
case!(Sizes, body_limit = "5 megs");
case!(SizeIsSized, body_limit = 5.5);
case!(Timeout, body_timeout);
case!(Pairs, pairs_limit = "many");
case!(Head, head = no);
case!(ErrorModel, error_model);
case!(OnError, on_error(f));
case!(HeadersAreListed, headers = "X-A");

fn main() {}
