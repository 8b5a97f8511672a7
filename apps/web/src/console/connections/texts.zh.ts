export const zh = {
  all: '集群中共 {count} 个连接',
  ofUser: '此用户的 {count} 个连接',
  filter: '完整的用户 ID',
  none: '没有连接。',
  rooms: '房间',
};
