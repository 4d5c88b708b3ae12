/* SPDX-License-Identifier: ISC */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stddef.h>
#include <string.h>

#include "sendmail/excuse.h"

const char *
excuse(const char *otherwise)
{
	unsigned long e = ERR_peek_error();
	const char *text;

	if (e == 0)
		return otherwise;
	if (ERR_SYSTEM_ERROR(e))
		return strerror(ERR_GET_REASON(e));
	text = ERR_reason_error_string(e);
	return text == NULL ? otherwise : text;
}

/*
 * Under TLS 1.3 the handshake is over for us before the server has looked at our
 * certificate: what it thinks of that comes with the first octets we read.
 */
const char *
excuse_advice(void)
{
	unsigned long e = ERR_peek_error();

	if (ERR_GET_LIB(e) != ERR_LIB_SSL)
		return "";
	switch (ERR_GET_REASON(e)) {
	case SSL_R_WRONG_VERSION_NUMBER:
		return ": no TLS is spoken there: look at port and tls";
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return ": the server's protocol version is below ours";
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		return ": it wants a certificate of ours: set certificate and "
		       "key";
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
		return ": it wants a certificate of ours (set certificate and "
		       "key), or a cipher that we lack";
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		return ": it refuses our certificate: look at certificate";
	default:
		return "";
	}
}

const char *
excuse_certificate(long result)
{
	switch (result) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return "is not for that name: set host to a name that it bears";
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "is not for that address: set host to a name that it "
		       "bears";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "has expired: renew it, or set this machine's clock";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "is not yet valid: set this machine's clock";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "is self-signed: set ca to a file that holds it, or pin "
		       "to its key";
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return "is from an unknown authority: set ca to a file that "
		       "holds its certificate";
	case X509_V_ERR_DANE_NO_MATCH:
		return "has a key that is not pinned: if it is to be so, add "
		       "its SHA-256 to pin";
	default:
		return NULL;
	}
}
