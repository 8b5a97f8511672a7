export const zh = {
  about: '立即推送给所有节点上每个已认证的连接。不会存储：不在线的人收不到。',
  kind: '发送为',
  text: '文本',
  json: 'JSON',
  message: '消息',
  hint: '聊天页面会将文本显示为通知。',
  wrong: '这不是 JSON。',
  send: '广播…',
  title: '向所有人广播？',
  consequence: '{count} 个连接会立即收到以下内容，无法撤回：',
  unknown: '所有连接会立即收到以下内容，无法撤回：',
  verb: '广播',
};
