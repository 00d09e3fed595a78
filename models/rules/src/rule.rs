//! What a rule is: a name, a sentence and its source.

use core::fmt::Debug;
use core::hash::Hash;

/// Whether a rule says when an action may happen, or what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A condition under which an action is enabled.
    Guard,
    /// Something that the action does.
    Effect,
}

/// All that is said about a rule, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// The protocol whose rule it is, as in a selector: `two-phase`.
    pub protocol: &'static str,
    /// The one name of the rule, unique in the project.
    pub name: &'static str,
    /// Guard or effect.
    pub kind: Kind,
    /// What the rule says, in one sentence.
    pub says: &'static str,
    /// Where it is stated: paper and section, or specification and action.
    pub source: &'static str,
}

/// The rules of one protocol: an enum made by [`rules!`](crate::rules).
pub trait Rule: Copy + Eq + Ord + Hash + Debug + Send + Sync + 'static {
    /// Every rule of the protocol, in the order of declaration.
    const ALL: &'static [Self];

    /// The rule's name, sentence and source.
    fn card(self) -> &'static Card;

    /// The position of the rule in [`Rule::ALL`].
    fn index(self) -> usize;

    /// The rule of that name, if this protocol has one.
    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.card().name == name)
    }
}

/// Declares the rules of one protocol: for each its sentence (the doc comment), its kind, its name and its source.
#[macro_export]
macro_rules! rules {
    (
        $(#[$about:meta])*
        pub enum $Rules:ident of $protocol:literal;
        $(
            $(#[doc = $says:literal])+
            $kind:ident $name:ident = $source:literal;
        )+
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Rules {
            $( $(#[doc = $says])+ #[doc = ""] #[doc = concat!("Source: ", $source, ".")] $name, )+
        }

        impl $crate::Rule for $Rules {
            const ALL: &'static [Self] = &[$(Self::$name),+];

            fn card(self) -> &'static $crate::Card {
                const CARDS: &[$crate::Card] = &[$(
                    $crate::Card {
                        protocol: $protocol,
                        name: stringify!($name),
                        kind: $crate::rules!(@kind $kind),
                        says: concat!($($says),+).trim_ascii(),
                        source: $source,
                    }
                ),+];
                &CARDS[self as usize]
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
    (@kind guard) => { $crate::Kind::Guard };
    (@kind effect) => { $crate::Kind::Effect };
}
