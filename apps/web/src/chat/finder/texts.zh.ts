export const zh = {
  placeholder: '房间名或用户名',
  results: '结果',
  count: '{count} 个结果',
  write: '给“{name}”发消息',
  room: '房间',
  person: '联系人',
};
