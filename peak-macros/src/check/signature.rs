//! What the signature of a handler may look like. Every rule looks at a token of its own, so several
//! mistakes in one signature are several errors.

use crate::diag::Diag;
use crate::input::item::FnItem;
use crate::model::Receiver;
use crate::types::{last_word, tidy};
use crate::vocabulary::MarkerKind;
use syn::{FnArg, GenericParam, ReceiverKind, Safety, Signature, Type};

/// Where the function stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an `#[agent] impl`.
    Method,
    /// On its own: the constructor of a behaviour.
    Free,
}

/// Checks everything but the receiver.
pub(crate) fn signature(
    item: &FnItem,
    kind: MarkerKind,
    blocking: bool,
    place: Place,
    diag: &mut Diag,
) {
    let sig = &item.sig;
    let word = kind.word();
    if let (Some(asyncness), true) = (&sig.asyncness, blocking) {
        diag.on(
            asyncness,
            format_args!(
                "a blocking behaviour has a thread of its own and waits for nothing: write `fn {}`, and `ctx.block_on(…)` where it must wait",
                sig.ident
            ),
        );
    }
    if sig.asyncness.is_none() && !blocking {
        diag.on(
            &sig.fn_token,
            format_args!(
                "a function with `#[{word}]` is asynchronous: write `async fn {}`",
                sig.ident
            ),
        );
    }
    if let Some(constness) = &sig.constness {
        diag.on(
            constness,
            format_args!("a function with `#[{word}]` cannot be `const`: remove it"),
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        diag.on(
            token,
            format_args!("a function with `#[{word}]` is called by the agent, so it cannot be `unsafe`: move the unsafe part inside"),
        );
    }
    if let Some(abi) = &sig.abi {
        diag.on(
            abi,
            format_args!("a function with `#[{word}]` is called from Rust: remove the ABI"),
        );
    }
    if let Some(variadic) = &sig.variadic {
        diag.on(
            variadic,
            format_args!("a function with `#[{word}]` has a fixed number of arguments"),
        );
    }
    generics(sig, place, diag);
    for arg in &sig.inputs {
        if let FnArg::Typed(arg) = arg {
            argument(&arg.ty, kind, diag);
        }
    }
    if item.body.to_string() == ";" {
        diag.on(
            &sig.ident,
            format_args!(
                "`{}` has no body: write `{{ … }}` after its signature",
                sig.ident
            ),
        );
    }
}

fn argument(ty: &Type, kind: MarkerKind, diag: &mut Diag) {
    match ty {
        Type::ImplTrait(_) => diag.on(
            ty,
            "an argument is taken from the message or the context, so its type has a name: write the type",
        ),
        Type::Group(group) => argument(&group.elem, kind, diag),
        Type::Reference(reference) if reference.mutability.is_some() => {
            let lent = match last_word(&reference.elem) {
                Some(word) if word == "Context" => "the context",
                Some(word) if word == "Message" && kind == MarkerKind::OnMessage => "the message",
                _ => return,
            };
            diag.on(
                ty,
                format_args!("{lent} is lent for reading: take `&{}`", tidy(&reference.elem)),
            );
        }
        _ => {}
    }
}

fn generics(sig: &Signature, place: Place, diag: &mut Diag) {
    for param in &sig.generics.params {
        match param {
            GenericParam::Lifetime(lifetime) => diag.on(
                lifetime,
                "the agent calls this function, so nobody can choose a lifetime: leave it out, a reference here needs no name for its own",
            ),
            GenericParam::Type(param) if place == Place::Method => diag.on(
                param,
                format_args!("the agent calls this function, so nobody can choose `{}`: write a concrete type", param.ident),
            ),
            GenericParam::Const(param) if place == Place::Method => diag.on(
                param,
                format_args!("the agent calls this function, so nobody can choose `{}`: write its value", param.ident),
            ),
            GenericParam::Type(_) | GenericParam::Const(_) => {}
        }
    }
}

/// Understands the receiver; `None` if it is one that an agent cannot provide.
pub(crate) fn receiver(sig: &Signature, kind: MarkerKind, diag: &mut Diag) -> Option<Receiver> {
    let hook = matches!(kind, MarkerKind::OnStart | MarkerKind::OnStop);
    let Some(receiver) = sig.receiver() else {
        if hook {
            diag.on(
                &sig.ident,
                format_args!("`#[{}]` runs on the agent itself: write `&mut self` or `&self` as its first argument", kind.word()),
            );
            return None;
        }
        return Some(Receiver::None);
    };
    let by_reference = |mutable: bool| {
        if mutable {
            Receiver::Exclusive
        } else {
            Receiver::Shared
        }
    };
    match &receiver.kind {
        ReceiverKind::Reference(_, Some(lifetime), _) if lifetime.ident != "_" => {
            diag.on(lifetime, "the agent lends itself for one call: leave the lifetime out, `&mut self` or `&self`");
            None
        }
        ReceiverKind::Reference(_, _, mutability) => Some(by_reference(mutability.is_some())),
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) if is_self(&reference.elem) => {
                Some(by_reference(reference.mutability.is_some()))
            }
            _ => {
                diag.on(receiver, by_value(kind));
                None
            }
        },
        _ => {
            diag.on(receiver, by_value(kind));
            None
        }
    }
}

fn is_self(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("Self"))
}

fn by_value(kind: MarkerKind) -> String {
    let alone = match kind {
        MarkerKind::OnStart | MarkerKind::OnStop => "",
        MarkerKind::Behaviour
        | MarkerKind::OnMessage
        | MarkerKind::OnPresence
        | MarkerKind::OnConnection => ", or leave it out for a concurrent task",
    };
    format!("the agent goes on living after the call: write `&mut self` or `&self`{alone}")
}
