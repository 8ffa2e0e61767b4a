package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"

	"undersigned"
	"undersigned/internal/seal"
)

// ReturnToken makes the token that names a mail in its return address, under the letterbox
// key of the mail's day: with that key it dies, and nobody can read any more from a
// server's log whose mail it was.
//
// Errors: ErrNoKey.
func (v *Vault) ReturnToken(key seal.KeyID, day int64, holder seal.Holder) (undersigned.ReturnToken, error) {
	keys, err := v.returnKeys(key)
	if err != nil {
		return undersigned.ReturnToken{}, err
	}
	return keys.token(day, holder), nil
}

// OpenReturn reads which row a token claims to be about. The id is not in the token:
// whether the claim is true shows when the row's id is known, by HoldsReturn.
//
// Errors: ErrNoKey.
func (v *Vault) OpenReturn(key seal.KeyID, token undersigned.ReturnToken) (seal.Holder, error) {
	keys, err := v.returnKeys(key)
	if err != nil {
		return seal.Holder{}, err
	}
	name := keys.mask([16]byte(token[2:18]))
	subtle.XORBytes(name[:], name[:], token[18:])
	return seal.Holder{Kind: seal.HolderKind(name[0]), Number: int64(binary.BigEndian.Uint64(name[1:]))}, nil
}

// HoldsReturn reports whether we made a token for a mail to the holder.
//
// Errors: ErrNoKey.
func (v *Vault) HoldsReturn(key seal.KeyID, day int64, token undersigned.ReturnToken, holder seal.Holder) (bool, error) {
	want, err := v.ReturnToken(key, day, holder)
	return err == nil && subtle.ConstantTimeCompare(want[:], token[:]) == 1, err
}

// returnKeys are what return tokens of one day are made with.
type returnKeys struct{ mac, box []byte }

func (v *Vault) returnKeys(id seal.KeyID) (returnKeys, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, err := v.letterboxKeyLocked(id)
	if err != nil {
		return returnKeys{}, err
	}
	return newReturnKeys(key.link), nil
}

func newReturnKeys(link []byte) returnKeys {
	return returnKeys{derive(link, "return token"), derive(link, "return mask")}
}

// token is the day (2) ‖ a MAC (16) over all it names ‖ kind and number (9), masked by what
// the MAC gives: equal mails have equal tokens, and others look like noise.
func (k returnKeys) token(day int64, holder seal.Holder) (t undersigned.ReturnToken) {
	binary.BigEndian.PutUint16(t[:2], uint16(day))
	var name [9]byte
	name[0] = byte(holder.Kind)
	binary.BigEndian.PutUint64(name[1:], uint64(holder.Number))
	mac := hmac.New(sha256.New, k.mac)
	mac.Write(t[:2])
	mac.Write(name[:])
	mac.Write(holder.ID[:])
	var sum [32]byte
	mac.Sum(sum[:0])
	copy(t[2:18], sum[:16])
	mask := k.mask([16]byte(t[2:18]))
	subtle.XORBytes(t[18:], name[:], mask[:])
	return t
}

func (k returnKeys) mask(of [16]byte) [9]byte {
	mac := hmac.New(sha256.New, k.box)
	mac.Write(of[:])
	var sum [32]byte
	mac.Sum(sum[:0])
	return [9]byte(sum[:9])
}
