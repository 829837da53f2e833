use super::{Element, Member, MemberKind, Source, Wanted};
use crate::import::error::ImportError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error as XmlError, Reader};
use std::io::BufRead;

type Visit<'v> = dyn FnMut(Element<'_>) -> Result<(), ImportError> + 'v;

/// What the element now open is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Node,
    Way,
    Relation,
    /// Not wanted in this pass.
    Other,
}

/// The element being collected; its buffers are used again for the next.
struct Current {
    open: Open,
    id: i64,
    position: (i32, i32),
    refs: Vec<i64>,
    /// Where the nodes of a way are, if every one of its references says so.
    places: Vec<(i32, i32)>,
    members: Vec<(MemberKind, i64, String)>,
    tags: Vec<(String, String)>,
}

pub fn read(
    source: &Source,
    reader: &mut dyn BufRead,
    wanted: Wanted,
    visit: &mut Visit<'_>,
) -> Result<(), ImportError> {
    let mut xml = Reader::from_reader(reader);
    let mut buffer = Vec::new();
    let mut current = Current {
        open: Open::Nothing,
        id: 0,
        position: (0, 0),
        refs: Vec::new(),
        places: Vec::new(),
        members: Vec::new(),
        tags: Vec::new(),
    };
    let (mut opened, mut closed, mut in_remark) = (false, false, false);
    loop {
        buffer.clear();
        let at = xml.buffer_position();
        let event = xml
            .read_event_into(&mut buffer)
            .map_err(|e| xml_error(source, at, e))?;
        let place = || format!("byte {at}");
        match &event {
            Event::Start(tag) | Event::Empty(tag) if !opened => {
                if tag.name().as_ref() != b"osm" {
                    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    let found = match name.as_str() {
                        "osmChange" => {
                            "is an osmChange file: a list of edits, not an extract".to_owned()
                        }
                        _ => format!("is XML of another kind (<{name}>)"),
                    };
                    return Err(ImportError::Foreign {
                        path: source.path.clone(),
                        found,
                    });
                }
                opened = true;
                closed = matches!(event, Event::Empty(_));
            }
            Event::Start(tag) => {
                in_remark = tag.name().as_ref() == b"remark";
                current.begin(source, tag, wanted, &place, visit)?;
            }
            Event::Text(text) if in_remark && wanted.relations => {
                let text = text
                    .decode()
                    .map_err(|e| source.corrupt(place(), e.to_string()))?;
                visit(Element::Remark(text.trim()))?;
            }
            Event::Empty(tag) => {
                let outermost = current.open == Open::Nothing;
                current.begin(source, tag, wanted, &place, visit)?;
                if outermost {
                    current.end(tag.name().as_ref(), visit)?;
                }
            }
            Event::End(tag) => {
                in_remark = false;
                if tag.name().as_ref() == b"osm" {
                    closed = true;
                } else {
                    current.end(tag.name().as_ref(), visit)?;
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !opened {
        return Err(ImportError::Foreign {
            path: source.path.clone(),
            found: "is XML without any element".into(),
        });
    }
    if !closed {
        return Err(source.truncated("</osm> is missing"));
    }
    Ok(())
}

fn xml_error(source: &Source, at: u64, error: XmlError) -> ImportError {
    match error {
        XmlError::Io(e) => {
            let e = std::io::Error::new(e.kind(), e.to_string());
            source.io(e)
        }
        // An extract that was cut ends inside of a tag.
        XmlError::Syntax(e) => source.truncated(format!("{e}, after byte {at}")),
        e => source.corrupt(format!("byte {at}"), e.to_string()),
    }
}

impl Current {
    fn begin(
        &mut self,
        source: &Source,
        tag: &BytesStart<'_>,
        wanted: Wanted,
        place: &dyn Fn() -> String,
        visit: &mut Visit<'_>,
    ) -> Result<(), ImportError> {
        let attributes = Attributes { source, tag, place };
        let name = tag.name();
        match (self.open, name.as_ref()) {
            (Open::Nothing, b"node" | b"way" | b"relation") if attributes.deleted()? => {
                self.start(Open::Other);
            }
            (Open::Nothing, b"node") => {
                self.start(if wanted.nodes {
                    Open::Node
                } else {
                    Open::Other
                });
                if wanted.nodes {
                    self.id = attributes.number("id")?;
                    let (lon, lat) = (attributes.degrees("lon")?, attributes.degrees("lat")?);
                    self.position = source.position(self.id, lon, lat)?;
                }
            }
            (Open::Nothing, b"way") => {
                self.start(if wanted.ways { Open::Way } else { Open::Other });
                if wanted.ways {
                    self.id = attributes.number("id")?;
                }
            }
            (Open::Nothing, b"relation") => {
                self.start(if wanted.relations {
                    Open::Relation
                } else {
                    Open::Other
                });
                if wanted.relations {
                    self.id = attributes.number("id")?;
                }
            }
            (Open::Nothing, b"bounds") if wanted.relations => {
                let side = |name| attributes.degrees(name);
                visit(Element::Bounds([
                    side("minlon")?,
                    side("minlat")?,
                    side("maxlon")?,
                    side("maxlat")?,
                ]))?;
            }
            (Open::Way, b"nd") => {
                let node = attributes.number("ref")?;
                self.refs.push(node);
                // Some servers write where a node is beside the reference to it.
                if attributes.optional("lon")?.is_some() {
                    let (lon, lat) = (attributes.degrees("lon")?, attributes.degrees("lat")?);
                    self.places.push(source.position(node, lon, lat)?);
                }
            }
            (Open::Relation, b"member") => {
                let kind = match attributes.text("type")?.as_str() {
                    "node" => MemberKind::Node,
                    "way" => MemberKind::Way,
                    "relation" => MemberKind::Relation,
                    other => {
                        return Err(
                            source.corrupt(place(), format!("a member of unknown type {other:?}"))
                        );
                    }
                };
                let role = attributes.optional("role")?.unwrap_or_default();
                self.members.push((kind, attributes.number("ref")?, role));
            }
            (Open::Node | Open::Way | Open::Relation, b"tag") => {
                self.tags
                    .push((attributes.text("k")?, attributes.text("v")?));
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, open: Open) {
        self.open = open;
        self.refs.clear();
        self.places.clear();
        self.members.clear();
        self.tags.clear();
    }

    fn end(&mut self, name: &[u8], visit: &mut Visit<'_>) -> Result<(), ImportError> {
        if !matches!(name, b"node" | b"way" | b"relation") {
            return Ok(());
        }
        let open = std::mem::replace(&mut self.open, Open::Nothing);
        let tags: Vec<(&str, &str)> = self
            .tags
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        match open {
            Open::Node => {
                let (lon_e7, lat_e7) = self.position;
                visit(Element::Node {
                    id: self.id,
                    lon_e7,
                    lat_e7,
                    tags: &tags,
                })
            }
            Open::Way => visit(Element::Way {
                id: self.id,
                refs: &self.refs,
                places: if self.places.len() == self.refs.len() {
                    &self.places
                } else {
                    &[]
                },
                tags: &tags,
            }),
            Open::Relation => {
                let members: Vec<Member<'_>> = self
                    .members
                    .iter()
                    .map(|(kind, id, role)| Member {
                        kind: *kind,
                        id: *id,
                        role,
                    })
                    .collect();
                visit(Element::Relation {
                    id: self.id,
                    members: &members,
                    tags: &tags,
                })
            }
            Open::Nothing | Open::Other => Ok(()),
        }
    }
}

/// The attributes of one tag, with the error that says where they are wrong.
struct Attributes<'a> {
    source: &'a Source,
    tag: &'a BytesStart<'a>,
    place: &'a dyn Fn() -> String,
}

impl Attributes<'_> {
    /// True for what an editor or a history file says is gone; such elements may lack everything else.
    fn deleted(&self) -> Result<bool, ImportError> {
        Ok(self.optional("action")?.as_deref() == Some("delete")
            || self.optional("visible")?.as_deref() == Some("false"))
    }

    fn optional(&self, name: &str) -> Result<Option<String>, ImportError> {
        let bad = |detail: String| self.source.corrupt((self.place)(), detail);
        let found = self
            .tag
            .try_get_attribute(name)
            .map_err(|e| bad(e.to_string()))?;
        found
            .map(|a| {
                a.unescape_value()
                    .map(std::borrow::Cow::into_owned)
                    .map_err(|e| bad(e.to_string()))
            })
            .transpose()
    }

    fn text(&self, name: &str) -> Result<String, ImportError> {
        self.optional(name)?.ok_or_else(|| {
            let element = String::from_utf8_lossy(self.tag.name().as_ref()).into_owned();
            self.source.corrupt(
                (self.place)(),
                format!("<{element}> has no attribute {name}"),
            )
        })
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, what: &str) -> Result<T, ImportError> {
        let text = self.text(name)?;
        text.parse().map_err(|_| {
            self.source
                .corrupt((self.place)(), format!("{name}={text:?} is not {what}"))
        })
    }

    fn number(&self, name: &str) -> Result<i64, ImportError> {
        self.parsed(name, "a whole number of 64 bits")
    }

    fn degrees(&self, name: &str) -> Result<f64, ImportError> {
        self.parsed(name, "a number of degrees")
    }
}
