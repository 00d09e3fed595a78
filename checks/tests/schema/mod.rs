//! As much of XML Schema as `schemas/junit.xsd` uses: elements by name, sequences of references, attributes with simple types.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

/// What an element may hold.
#[derive(Default)]
struct Element {
    /// Children in their order, each with how many there may be.
    children: Vec<(String, usize, usize)>,
    /// Attributes, each with its type and whether it must be there.
    attributes: BTreeMap<String, (String, bool)>,
    /// Whether there may be text.
    mixed: bool,
}

/// A schema.
pub(crate) struct Schema(BTreeMap<String, Element>);

impl Schema {
    /// Reads a schema.
    pub(crate) fn parse(text: &str) -> Self {
        let document = Document::parse(text).expect("it is XML");
        let elements = document.root_element().children().filter(Node::is_element);
        Self(elements.map(|node| (name(node), element(node))).collect())
    }

    /// Whether a document is as the schema says.
    pub(crate) fn validate(&self, document: &Document<'_>) -> Result<(), String> {
        self.check(document.root_element())
    }

    fn check(&self, node: Node<'_, '_>) -> Result<(), String> {
        let tag = node.tag_name().name();
        let element = self.0.get(tag).ok_or(format!("no element <{tag}>"))?;
        element.check_attributes(node)?;
        element.check_children(node)?;
        let text = node.children().filter(Node::is_text);
        let blank = text
            .filter_map(|text| text.text())
            .all(|text| text.trim().is_empty());
        if !element.mixed && !blank {
            return Err(format!("text in <{tag}>"));
        }
        let mut children = node.children().filter(Node::is_element);
        children.try_for_each(|child| self.check(child))
    }
}

impl Element {
    fn check_attributes(&self, node: Node<'_, '_>) -> Result<(), String> {
        let tag = node.tag_name().name();
        for attribute in node.attributes() {
            let known = self.attributes.get(attribute.name());
            let (kind, _) = known.ok_or(format!("<{tag}> has no {}", attribute.name()))?;
            if !fits(kind, attribute.value()) {
                return Err(format!("{}: no {kind}", attribute.value()));
            }
        }
        let mut required = self
            .attributes
            .iter()
            .filter(|(_, (_, required))| *required);
        match required.find(|(name, _)| !node.has_attribute(name.as_str())) {
            Some((name, _)) => Err(format!("<{tag}> lacks {name}")),
            None => Ok(()),
        }
    }

    fn check_children(&self, node: Node<'_, '_>) -> Result<(), String> {
        let mut children = node.children().filter(Node::is_element).peekable();
        for (name, least, most) in &self.children {
            let mut count = 0;
            while children
                .next_if(|child| child.has_tag_name(name.as_str()))
                .is_some()
            {
                count += 1;
            }
            if !(*least..=*most).contains(&count) {
                return Err(format!("{count} of <{name}>"));
            }
        }
        let next = children.next();
        next.map_or(Ok(()), |child| {
            Err(format!("<{}> is out of place", child.tag_name().name()))
        })
    }
}

fn fits(kind: &str, value: &str) -> bool {
    match kind {
        "xs:string" => true,
        "xs:nonNegativeInteger" => value.parse::<u64>().is_ok(),
        "xs:decimal" => value.parse::<f64>().is_ok_and(f64::is_finite),
        other => panic!("the schema uses {other}, which nobody knows here"),
    }
}

fn name(node: Node<'_, '_>) -> String {
    node.attribute("name").expect("it has a name").to_owned()
}

fn element(node: Node<'_, '_>) -> Element {
    let mut element = Element::default();
    for part in node.descendants().filter(Node::is_element).skip(1) {
        match part.tag_name().name() {
            "complexType" => element.mixed = part.attribute("mixed") == Some("true"),
            "sequence" => {}
            "element" => element.children.push(child(part)),
            "attribute" => {
                let kind = part.attribute("type").expect("it has a type").to_owned();
                let required = part.attribute("use") == Some("required");
                element.attributes.insert(name(part), (kind, required));
            }
            other => panic!("the schema uses {other}, which nobody knows here"),
        }
    }
    element
}

fn child(part: Node<'_, '_>) -> (String, usize, usize) {
    let reference = part.attribute("ref").expect("it refers to an element");
    let number = |name: &str| match part.attribute(name) {
        None => 1,
        Some("unbounded") => usize::MAX,
        Some(number) => number.parse().expect("a number"),
    };
    (
        reference.to_owned(),
        number("minOccurs"),
        number("maxOccurs"),
    )
}
