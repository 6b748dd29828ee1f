//! By what metrics are told apart: closed lists, so that no id and no word of a person can be among
//! it, and it is known how many metrics there can be.

use tandem_domain::{Direction, Provider, Purpose, Vendor};

use super::Metric;

/// A dimension, under its name in CloudWatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// Which function.
    Function,
    /// Which way a delivery goes.
    Direction,
    /// Which vendor's service.
    Vendor,
    /// Whose grant.
    Provider,
    /// What a token is opened for.
    Purpose,
}

impl Dimension {
    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "Function",
            Self::Direction => "Direction",
            Self::Vendor => "Vendor",
            Self::Provider => "Provider",
            Self::Purpose => "Purpose",
        }
    }

    /// Its values; none for the function, which names itself.
    pub fn values(self) -> Vec<&'static str> {
        match self {
            Self::Function => Vec::new(),
            Self::Direction => Direction::ALL.iter().map(|of| of.as_str()).collect(),
            Self::Vendor => Vendor::ALL.iter().map(|of| of.as_str()).collect(),
            Self::Provider => Provider::ALL.iter().map(|of| of.as_str()).collect(),
            Self::Purpose => Purpose::ALL.iter().map(|of| of.as_str()).collect(),
        }
    }
}

/// A value of a dimension other than the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    pub(super) dimension: Dimension,
    pub(super) value: &'static str,
}

/// A [`Label`] out of each closed list.
macro_rules! labels {
    ($($list:ident),+) => {
        $(impl From<$list> for Label {
            fn from(of: $list) -> Self {
                Self { dimension: Dimension::$list, value: of.as_str() }
            }
        })+
    };
}

labels!(Direction, Vendor, Provider, Purpose);

/// What one event adds to a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub(super) metric: Metric,
    pub(super) value: f64,
    pub(super) label: Option<Label>,
}

impl Metric {
    /// A value of it, in its unit.
    pub fn of(self, value: f64) -> Sample {
        Sample { metric: self, value, label: None }
    }

    /// One more.
    pub fn once(self) -> Sample {
        self.of(1.0)
    }

    /// So many more.
    pub fn times(self, count: usize) -> Sample {
        self.of(u32::try_from(count).map_or(f64::from(u32::MAX), f64::from))
    }
}

impl Sample {
    /// The same, of this direction, vendor, provider or purpose.
    #[must_use]
    pub fn by(self, label: impl Into<Label>) -> Self {
        Self { label: Some(label.into()), ..self }
    }
}
