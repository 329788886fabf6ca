-- The market's texts are UTF-8, and functions of PostgreSQL 15 are used.
SELECT current_setting('server_encoding') = 'UTF8'
   AND current_setting('server_version_num')::int >= 150000;
