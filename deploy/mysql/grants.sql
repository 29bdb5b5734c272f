-- Run once, when a server's data are made; the image has created the user by then. The rights are those that the services,
-- their migrations and a copy of the binary log need, in schemas of ours alone.
GRANT ALL PRIVILEGES ON `tw\_%`.* TO 'tradewind'@'%';
GRANT PROCESS, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT, XA_RECOVER_ADMIN ON *.* TO 'tradewind'@'%';
