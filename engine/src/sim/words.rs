//! What simulated people say and write: in the language of the city's data.

use super::Chance;
use crate::city::Language;

/// A class's code, and what people say of it in Chinese and in English.
type Notes = (&'static str, &'static [(&'static str, &'static str)]);

/// What people say when they report; in this project's own words, simulated like the cases themselves.
const NOTES: [Notes; 26] = [
    (
        "E0110",
        &[
            (
                "垃圾桶旁有散落垃圾，有异味",
                "Loose rubbish beside a bin, and it smells",
            ),
            (
                "路边堆放生活垃圾，无人清理",
                "Household rubbish piled at the roadside, nobody clears it",
            ),
        ],
    ),
    (
        "E0111",
        &[
            ("装修垃圾堆在路边", "Renovation waste piled at the roadside"),
            ("渣土占了半条人行道", "Rubble over half of the pavement"),
        ],
    ),
    (
        "E0112",
        &[
            ("路面有泥水和落叶", "Mud and fallen leaves on the road"),
            ("路面油污，行人打滑", "Oil on the road, people slip"),
        ],
    ),
    (
        "E0113",
        &[
            (
                "路面坑洞，电动车难以避让",
                "A pothole that cyclists cannot avoid",
            ),
            (
                "路面破损，下雨积水",
                "Broken road surface, water stands in it when it rains",
            ),
        ],
    ),
    (
        "E0114",
        &[
            (
                "货车掉落纸箱散在路上",
                "Boxes lost by a lorry lie on the road",
            ),
            (
                "路面有砂石，车辆绕行",
                "Gravel on the road, traffic drives around it",
            ),
        ],
    ),
    (
        "E0128",
        &[
            ("商铺音响声音过大", "A shop's loudspeakers are too loud"),
            (
                "深夜仍有音乐声，影响休息",
                "Music late at night, nobody can sleep",
            ),
        ],
    ),
    (
        "E0129",
        &[(
            "烧烤摊占道，烟雾很大",
            "A barbecue stall in the way, thick smoke",
        )],
    ),
    (
        "E0130",
        &[
            (
                "餐馆把污水倒进雨水口",
                "A restaurant pours waste water into the storm drain",
            ),
            (
                "路边有人倾倒废水",
                "Somebody tips waste water at the roadside",
            ),
        ],
    ),
    (
        "E0135",
        &[
            (
                "旧沙发、床垫放在楼下多日",
                "An old sofa and mattresses left at the door for days",
            ),
            ("废弃柜子堵住过道", "Discarded cupboards block the passage"),
        ],
    ),
    (
        "E0136",
        &[(
            "门口堆放杂物，影响通行",
            "Things piled before a door, no way through",
        )],
    ),
    (
        "E0301",
        &[
            ("夜间施工，噪声扰民", "Building work at night, too noisy"),
            ("工地凌晨仍有机械声", "Machines on the site before dawn"),
        ],
    ),
    (
        "E0304",
        &[
            (
                "工地未洒水，扬尘大",
                "No water sprayed on the site, a lot of dust",
            ),
            (
                "渣土车带泥上路",
                "Lorries carry mud from the site onto the road",
            ),
        ],
    ),
    (
        "E0501",
        &[
            (
                "路面冒水，疑似水管破裂",
                "Water comes up through the road, perhaps a burst pipe",
            ),
            (
                "小区停水，门口管道漏水",
                "No water in the houses, a pipe leaks at the gate",
            ),
        ],
    ),
    (
        "E0503",
        &[
            (
                "雨水口堵塞，污水外溢",
                "A blocked storm drain, foul water runs over",
            ),
            ("下水道返水，有异味", "The sewer backs up, and it smells"),
        ],
    ),
    (
        "E0505",
        &[("路面下陷，周围有裂缝", "The road sags, with cracks around")],
    ),
    (
        "E0506",
        &[
            (
                "路面积水，行人无法通过",
                "Water stands on the road, nobody gets through on foot",
            ),
            (
                "地道口积水约十几厘米",
                "About a dozen centimetres of water in the underpass",
            ),
        ],
    ),
    (
        "E0508",
        &[(
            "线缆垂落，接近车顶高度",
            "A cable hangs down nearly to the roofs of cars",
        )],
    ),
    (
        "C0102",
        &[
            (
                "污水井盖松动，过车有响声",
                "A loose sewer cover, it rattles under every car",
            ),
            ("井盖破损，边缘下沉", "A broken cover, its edge has sunk"),
        ],
    ),
    (
        "C0103",
        &[(
            "雨水井盖缺失，已放树枝警示",
            "A storm drain cover is missing, branches put up as a warning",
        )],
    ),
    (
        "C0104",
        &[
            ("雨水箅子堵满落叶", "A gully full of leaves"),
            (
                "雨水箅子断裂，有踏空风险",
                "A broken gully grate, one could step through",
            ),
        ],
    ),
    (
        "C0126",
        &[
            ("沟盖板缺一块", "A slab of the gutter is missing"),
            (
                "沟盖板翘起，行人绊倒",
                "A slab of the gutter stands up, people trip",
            ),
        ],
    ),
    (
        "C0188",
        &[(
            "挡土墙有裂缝，掉落碎石",
            "Cracks in the retaining wall, stones fall",
        )],
    ),
    (
        "C0217",
        &[(
            "护栏被撞倒，横在车道上",
            "A guard rail knocked over lies across the lane",
        )],
    ),
    (
        "C0137",
        &[
            ("路灯连续几盏不亮", "Several street lights in a row are out"),
            (
                "路灯白天亮、晚上灭",
                "Street lights on by day, off by night",
            ),
        ],
    ),
    (
        "C0402",
        &[
            (
                "行道树枝断裂，悬在路上方",
                "A broken branch hangs over the road",
            ),
            ("树枝遮挡信号灯", "Branches hide the traffic light"),
        ],
    ),
    (
        "C0283",
        &[
            ("指示牌倾斜，可能掉落", "A sign leans and may fall"),
            (
                "信号灯不亮，路口较乱",
                "The traffic light is dark, the crossing is a muddle",
            ),
        ],
    ),
];

/// Words for a case of a class; empty for a class without words.
pub fn note(class: &str, language: Language, chance: &mut Chance) -> &'static str {
    let found = NOTES.iter().find(|(code, _)| *code == class);
    found.map_or("", |(_, notes)| {
        let (zh, en) = notes[chance.below(notes.len())];
        language.of(zh, en)
    })
}

/// What a crew of a fleet writes when it is done.
pub fn done(fleet: &str, language: Language) -> &'static str {
    let (zh, en) = match fleet {
        "sanitation" => (
            "已清理清运，现场恢复整洁",
            "Cleared and taken away, the place is clean again",
        ),
        "drainage" => (
            "已疏通排查，水位恢复正常",
            "Unblocked and checked, the water is back to normal",
        ),
        "repair" => (
            "已修复并设置警示，恢复使用",
            "Repaired and marked, in use again",
        ),
        "chengguan" => (
            "已现场劝导整改，秩序恢复",
            "Put right on the spot, order restored",
        ),
        "patrol" => (
            "已到场处置，交通恢复正常",
            "Dealt with on the spot, traffic flows again",
        ),
        _ => ("已处置完毕", "Dealt with"),
    };
    language.of(zh, en)
}

/// What a crew writes where there was nothing.
pub fn nothing_there(language: Language) -> &'static str {
    language.of(
        "现场未发现所报情况",
        "Nothing of what was reported was found there",
    )
}

/// Why a case is void that was never one.
pub fn false_report(language: Language) -> &'static str {
    language.of("误报", "False report")
}

/// Why a case is void at whose place a crew found nothing.
pub fn false_as_found(language: Language) -> &'static str {
    language.of("现场未发现，误报", "Nothing found there: a false report")
}

/// Whoever answers the telephone.
pub fn hotline(language: Language) -> &'static str {
    language.of("热线", "Hotline")
}

/// In whose name a simulated city dispatches.
pub fn dispatcher(language: Language) -> &'static str {
    language.of("自动派遣", "Automatic dispatch")
}

/// The colleague who dispatches beside whoever watches the demo.
pub fn officer(language: Language) -> &'static str {
    language.of("派遣员", "Dispatcher")
}

/// In whose name a simulated city checks what was handled.
pub fn checker(language: Language) -> &'static str {
    language.of("核查员", "Checker")
}

/// A place on a road, `metres` in one of eight `directions` (0 is north, clockwise) from a crossing.
pub fn off_crossing(
    road: &str,
    crossing: &str,
    direction: usize,
    metres: f64,
    language: Language,
) -> String {
    const ZH: [&str; 8] = ["北", "东北", "东", "东南", "南", "西南", "西", "西北"];
    const EN: [&str; 8] = [
        "north",
        "north-east",
        "east",
        "south-east",
        "south",
        "south-west",
        "west",
        "north-west",
    ];
    let at = direction % 8;
    match language {
        Language::Zh => format!("{road} {crossing}口以{} {metres:.0} m", ZH[at]),
        Language::En => format!("{road}, {metres:.0} m {} of {crossing}", EN[at]),
    }
}

/// A crossing of two roads.
pub fn at_crossing(road: &str, crossing: &str, language: Language) -> String {
    match language {
        Language::Zh => format!("{road} {crossing}口"),
        Language::En => format!("{road} at {crossing}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn han(text: &str) -> bool {
        text.chars().any(|c| {
            ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
        })
    }

    #[test]
    fn every_word_is_in_the_citys_language_and_there_is_as_much_to_say_in_both() {
        let mut said = vec![];
        for language in [Language::Zh, Language::En] {
            let mut texts: Vec<String> = NOTES
                .iter()
                .flat_map(|(_, n)| n.iter())
                .map(|(zh, en)| language.of(*zh, *en).to_owned())
                .collect();
            for fleet in [
                "sanitation",
                "drainage",
                "repair",
                "chengguan",
                "patrol",
                "another",
            ] {
                texts.push(done(fleet, language).to_owned());
            }
            texts.extend(
                [
                    nothing_there,
                    false_report,
                    false_as_found,
                    hotline,
                    officer,
                    dispatcher,
                    checker,
                ]
                .map(|w| w(language).to_owned()),
            );
            for direction in 0..8 {
                texts.push(off_crossing("A", "B", direction, 90.0, language));
            }
            texts.push(at_crossing("A", "B", language));
            for text in &texts {
                assert!(!text.is_empty());
                assert_eq!(han(text), language == Language::Zh, "{text}");
            }
            said.push(texts.len());
        }
        assert_eq!(said[0], said[1]);
    }
}
