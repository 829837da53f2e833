//! What simulated people say and write.

use super::Chance;

/// What people say when they report; in this project's own words, simulated like the cases themselves.
const NOTES: [(&str, &[&str]); 26] = [
    (
        "E0110",
        &["垃圾桶旁有散落垃圾，有异味", "路边堆放生活垃圾，无人清理"],
    ),
    ("E0111", &["装修垃圾堆在路边", "渣土占了半条人行道"]),
    ("E0112", &["路面有泥水和落叶", "路面油污，行人打滑"]),
    ("E0113", &["路面坑洞，电动车难以避让", "路面破损，下雨积水"]),
    ("E0114", &["货车掉落纸箱散在路上", "路面有砂石，车辆绕行"]),
    ("E0128", &["商铺音响声音过大", "深夜仍有音乐声，影响休息"]),
    ("E0129", &["烧烤摊占道，烟雾很大"]),
    ("E0130", &["餐馆把污水倒进雨水口", "路边有人倾倒废水"]),
    ("E0135", &["旧沙发、床垫放在楼下多日", "废弃柜子堵住过道"]),
    ("E0136", &["门口堆放杂物，影响通行"]),
    ("E0301", &["夜间施工，噪声扰民", "工地凌晨仍有机械声"]),
    ("E0304", &["工地未洒水，扬尘大", "渣土车带泥上路"]),
    (
        "E0501",
        &["路面冒水，疑似水管破裂", "小区停水，门口管道漏水"],
    ),
    ("E0503", &["雨水口堵塞，污水外溢", "下水道返水，有异味"]),
    ("E0505", &["路面下陷，周围有裂缝"]),
    ("E0506", &["路面积水，行人无法通过", "地道口积水约十几厘米"]),
    ("E0508", &["线缆垂落，接近车顶高度"]),
    ("C0102", &["污水井盖松动，过车有响声", "井盖破损，边缘下沉"]),
    ("C0103", &["雨水井盖缺失，已放树枝警示"]),
    ("C0104", &["雨水箅子堵满落叶", "雨水箅子断裂，有踏空风险"]),
    ("C0126", &["沟盖板缺一块", "沟盖板翘起，行人绊倒"]),
    ("C0188", &["挡土墙有裂缝，掉落碎石"]),
    ("C0217", &["护栏被撞倒，横在车道上"]),
    ("C0137", &["路灯连续几盏不亮", "路灯白天亮、晚上灭"]),
    ("C0402", &["行道树枝断裂，悬在路上方", "树枝遮挡信号灯"]),
    ("C0283", &["指示牌倾斜，可能掉落", "信号灯不亮，路口较乱"]),
];

/// Words for a case of a class; empty for a class without words.
pub fn note(class: &str, chance: &mut Chance) -> &'static str {
    let found = NOTES.iter().find(|(code, _)| *code == class);
    found.map_or("", |(_, notes)| notes[chance.below(notes.len())])
}

/// What a crew of a fleet writes when it is done.
pub fn done(fleet: &str) -> &'static str {
    match fleet {
        "sanitation" => "已清理清运，现场恢复整洁",
        "drainage" => "已疏通排查，水位恢复正常",
        "repair" => "已修复并设置警示，恢复使用",
        "chengguan" => "已现场劝导整改，秩序恢复",
        "patrol" => "已到场处置，交通恢复正常",
        _ => "已处置完毕",
    }
}

/// What a crew writes where there was nothing.
pub const NOTHING_THERE: &str = "现场未发现所报情况";
