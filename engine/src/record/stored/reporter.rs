use super::later::{Later, Reader};
use crate::event::Event;
use crate::ids::CaseId;
use crate::model::Reporter;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The number of [`Event::ReporterNamed`], which has no first form.
const KIND: u16 = 97;

/// [`Event::ReporterNamed`], the first version.
#[derive(Serialize, Deserialize)]
struct ReporterNamedV1<'a> {
    case: CaseId,
    name: Cow<'a, str>,
    telephone: Cow<'a, str>,
}

/// As it is kept.
pub(super) fn later(case: CaseId, reporter: &Reporter) -> Later {
    let v1 = ReporterNamedV1 {
        case,
        name: (&*reporter.name).into(),
        telephone: (&*reporter.telephone).into(),
    };
    Later::of(KIND, 1, &v1)
}

pub(super) const READER: Reader = Reader {
    kind: KIND,
    version: 1,
    read: |payload| {
        let v1: ReporterNamedV1<'_> = postcard::from_bytes(payload)?;
        Ok(Event::ReporterNamed {
            case: v1.case,
            reporter: Reporter {
                name: v1.name.into_owned(),
                telephone: v1.telephone.into_owned(),
            },
        })
    },
};
