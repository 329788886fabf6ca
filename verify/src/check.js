// Every check a verifier makes, in the order of its report: code, group, and what holds when it
// holds, in Chinese and in English.  lib/draw/check.def has the same list.
const rows = [
  ['files-present', 'form', '该次抽取的文件齐全且无重名', 'the files of the attempt are there, each once'],
  ['line-end', 'form', '每行以 LF 结尾，无 CR', 'every line ends with LF and none has CR'],
  ['record-form', 'form', '记录为 ASCII，字段以单个空格分隔，行序与格式一致', 'records are ASCII, one space between fields, lines in the order of the format'],
  ['number-form', 'form', '数字为十进制，无符号、无前导零，且在范围内', 'numbers are decimal without sign or leading zero, and in range'],
  ['id-form', 'form', '标识符合规定的字符与长度', 'ids have the described characters and length'],
  ['hash-form', 'form', '十六进制为小写且长度正确', 'hex is lower case and of the right length'],

  ['protocol', 'freeze', '记录的协议版本为 fairlot-draw/v1', 'the records are of fairlot-draw/v1'],
  ['method', 'freeze', '抽取方法为协议所规定', 'the method is one of the protocol'],
  ['winners', 'freeze', '中选数不少于 1 且不多于候选数', 'there is at least one winner and no more than candidates'],
  ['label', 'freeze', '标签形式正确，且不与分层名额并用', 'the label is well-formed and does not stand with quotas'],
  ['range', 'freeze', '整数范围仅用于整数法，且大小合法', 'a range stands exactly with method integer and has a size in bounds'],
  ['quota', 'freeze', '分层名额有序、唯一、不超过中选数，仅用于洗牌法', 'quotas are sorted, unique, within the winners, and stand only with fisher-yates'],
  ['contributor-first', 'freeze', '前两位贡献方依次为运营方与业主', 'the first two contributors are operator and owner'],
  ['contributor-order', 'freeze', '贡献方编号连续，公共信标至多一个且居末', 'contributors are numbered in order, a beacon at most one and last'],
  ['contributor-name', 'freeze', '贡献方名称不重复', 'no two contributors have one name'],
  ['contributor-key', 'freeze', '贡献方公钥不重复', 'no two contributors have one key'],
  ['key-point', 'freeze', '每个公钥是曲线上的点', 'every key is a point of the curve'],
  ['close', 'freeze', '截止时间为整秒的 UTC 时间', 'the closing time is UTC in whole seconds'],
  ['attempt-number', 'freeze', '记录的次数与文件夹一致', 'the attempt of the record is that of its folder'],

  ['candidate-count', 'list', '候选名单行数与冻结记录一致', 'the list of candidates has as many lines as frozen'],
  ['candidate-root', 'list', '候选名单的树根与冻结记录一致', 'the list of candidates has the frozen root'],
  ['excluded-count', 'list', '排除名单行数与冻结记录一致', 'the list of excluded has as many lines as frozen'],
  ['excluded-root', 'list', '排除名单的树根与冻结记录一致', 'the list of excluded has the frozen root'],
  ['list-order', 'list', '名单按字节序排列', 'each list is sorted bytewise by id'],
  ['list-unique', 'list', '名单中无重复标识', 'no id stands twice in a list'],
  ['list-both', 'list', '无标识同时在候选与排除名单', 'no id is both candidate and excluded'],
  ['weight-zero', 'list', '权重均不为零', 'no weight is zero'],
  ['weight-sum', 'list', '权重之和不超过 2^31', 'the weights sum to at most 2^31'],

  ['notice-hash', 'texts', '项目公告的哈希与冻结记录一致', 'the project notice has the frozen hash'],
  ['rules-hash', 'texts', '政策参数的哈希与冻结记录一致', 'the policy profile has the frozen hash'],

  ['signup-set', 'signup', '候选与排除名单合计恰为全部报名', 'candidates and excluded together are exactly the sign-ups'],
  ['signup-entry', 'signup', '报名条目形式正确且属于本次抽取', 'every sign-up\'s entry is well-formed, anonymous and about this draw'],
  ['signup-seal', 'signup', '每个报名密封值可由标识与盐打开', 'every seal opens with the id and its salt'],
  ['signup-leaf', 'signup', '每个报名条目的叶哈希与名单一致', 'every entry has the leaf hash of the list'],

  ['contribution-head', 'value', '贡献记录属于此冻结记录', 'the contributions are about this freeze'],
  ['contribution-order', 'value', '贡献按冻结记录的次序与类型排列', 'the contributions stand in frozen order with the frozen types'],
  ['contribution-count', 'value', '全部贡献已给出', 'every contributor has given its value'],
  ['vrf-length', 'value', 'VRF 证明长度为 81 字节', 'each VRF proof has 81 bytes'],
  ['vrf-gamma', 'value', 'VRF 证明的 Gamma 是曲线上的点', 'Gamma of each VRF proof is a point of the curve'],
  ['vrf-scalar', 'value', 'VRF 证明的 s 小于群的阶', 's of each VRF proof is below the order'],
  ['vrf-proof', 'value', 'VRF 证明对该公钥与该冻结记录成立', 'each VRF proof holds for its key and this freeze'],
  ['commitment', 'value', '业主公开的随机数与其承诺一致', 'what the owner opened is what it committed to'],
  ['beacon-form', 'value', '信标值形式正确', 'the beacon\'s value has the right form'],
  ['beacon-time', 'value', '信标轮次或脉冲晚于截止至少 120 秒', 'the beacon\'s round or pulse is at least 120 s after the close'],
  ['beacon-value', 'value', '信标值属于冻结的链与轮次或脉冲', 'the beacon\'s value is that of the frozen chain and round or pulse'],

  ['result-head', 'result', '结果记录属于此冻结记录', 'the result is about this freeze'],
  ['seed', 'result', '种子由各贡献重算一致', 'the seed follows from the contributions'],
  ['permutation', 'result', '结果次序恰含每个候选一次', 'the order holds every candidate exactly once'],
  ['order', 'result', '结果次序由种子重算一致', 'the order follows from the seed'],
  ['integer', 'result', '整数结果由种子重算一致', 'the integer follows from the seed'],

  ['attempt-sequence', 'attempts', '各次抽取编号从 1 起连续', 'the attempts are numbered from 1 without a gap'],
  ['same-draw', 'attempts', '各次记录属于同一抽取', 'all attempts are of one draw'],
  ['void-missing', 'attempts', '除最后一次外，每次均有作废记录', 'every attempt but the last has a void'],
  ['void-head', 'attempts', '作废记录属于该次抽取', 'each void is about its attempt and freeze'],
  ['void-people', 'attempts', '作废由两个不同的人作出', 'each void is by two different people'],
  ['previous', 'attempts', '冻结记录引用上一次的作废记录', 'each freeze names the void of the attempt before it'],
  ['commitment-reused', 'attempts', '业主承诺未重复使用', 'no commitment is used twice'],
  ['staller-replaced', 'attempts', '停滞方已被替换', 'who stalled an attempt does not contribute to the next'],
  ['list-kept', 'attempts', '候选名单不变，除非作废记录注明', 'the next attempt keeps the candidates unless the void says list-changed'],

  ['key-age', 'journal', '公钥在日志中公布且已满规定时间', 'every key was announced in the journal long enough before'],
  ['freeze-once', 'journal', '日志中该次抽取仅有一个冻结记录', 'the journal holds one freeze of this attempt'],
  ['spoken-in-turn', 'journal', '每个贡献公布之前，前序贡献已在公布的检查点中', 'each value came after the values before it were in a published checkpoint'],
  ['checkpoint', 'journal', '各检查点前后一致，并含上述条目', 'the checkpoints extend one another and hold these entries'],
]

export const checks = rows.map(([code, group, zh, en]) => ({ code, group, zh, en }))
export const codes = checks.map(({ code }) => code)
