//! The options of `#[on_message(…)]`: a template, `observe` and `name`.

use super::marker::{Common, MarkerArgs, options};
use super::template::conjunction;
use crate::check::overlap::possible;
use crate::diag::Diag;
use crate::input::attr::Attr;
use crate::model::template::Template;
use crate::model::{HandlerKind, OnMessage};

pub(crate) fn read(attr: &Attr, diag: &mut Diag) -> MarkerArgs {
    let mark = diag.mark();
    let Some((source, mut entries)) = options(attr, diag) else {
        return MarkerArgs::default();
    };
    let mut common = Common::default();
    // The conditions are what is left.
    entries.retain(|entry| !common.take(entry, diag));
    let template = Template {
        conditions: conjunction(&entries, &["observe", "name"], diag),
    };
    let sound = diag.clean_since(mark) && possible(&template, &source, diag);
    let on_message = sound.then_some(OnMessage {
        template,
        observe: common.observe,
        source,
    });
    common.of(on_message.map(HandlerKind::OnMessage))
}
