use serde::{Deserialize, Serialize};

/// Which cases are about one person. A case whose reporter is named is so in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacyConfig {
    /// Codes of classes whose point is that of a person: whoever may not see what is personal sees the grid cell.
    pub personal_classes: Vec<String>,
    /// Codes of classes that whoever may not see what is sensitive is not told of at all.
    pub sensitive_classes: Vec<String>,
}
