import mysql.connector

for pure in (True, False):
    for plugin in ("mysql_native_password", "caching_sha2_password", "mysql_clear_password",
                   "authentication_ldap_sasl_client", "authentication_kerberos_client", "authentication_oci_client",
                   "authentication_webauthn_client"):
        try:
            mysql.connector.connect(host="127.0.0.1", port=1, user="a", password="b", use_pure=pure,
                                    connection_timeout=1, auth_plugin=plugin)
        except Exception as error:
            print(pure, plugin, getattr(error, "errno", type(error).__name__))
