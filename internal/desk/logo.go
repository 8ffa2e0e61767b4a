package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"strconv"

	"undersigned"
	"undersigned/internal/store"
)

// What may be wrong with a logo.
var (
	ErrPicture    = errors.New("this is not a picture in PNG or JPEG")
	ErrPictureBig = errors.New("this picture has too many bytes or points")
)

// Bounds of a logo. It stands 40 points high in a page's head; a screen with three times
// the points still has plenty.
const (
	MostLogoBytes  = 200 << 10
	mostLogoPoints = 1000
)

// leastContrast is what WCAG 2.2 asks of words on their ground (1.4.3, level AA).
const leastContrast = 4.5

// isColour checks a colour that white words stand on.
func isColour(value string) error {
	if len(value) != 7 || value[0] != '#' {
		return ErrColour
	}
	rgb, err := strconv.ParseUint(value[1:], 16, 32)
	if err != nil {
		return ErrColour
	}
	if Contrast(uint32(rgb)) < leastContrast {
		return ErrContrast
	}
	return nil
}

// Contrast is how well white words stand out on a colour, 0xRRGGBB: from 1, not at all,
// to 21, on black.
//
// Source: WCAG 2.2, relative luminance and contrast ratio.
func Contrast(rgb uint32) float64 {
	linear := func(c uint32) float64 {
		v := float64(c&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 1.05 / (0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb) + 0.05)
}

// readLogo decodes a picture and writes it anew: what else its file held is gone, be it
// where it was taken or a page that a browser might run.
//
// Errors: ErrPicture, ErrPictureBig.
func readLogo(upload []byte) (store.Logo, error) {
	if len(upload) > MostLogoBytes {
		return store.Logo{}, ErrPictureBig
	}
	shape, kind, err := image.DecodeConfig(bytes.NewReader(upload))
	if err != nil || kind != "png" && kind != "jpeg" {
		return store.Logo{}, ErrPicture
	}
	if shape.Width > mostLogoPoints || shape.Height > mostLogoPoints {
		return store.Logo{}, ErrPictureBig
	}
	picture, _, err := image.Decode(bytes.NewReader(upload))
	if err != nil {
		return store.Logo{}, ErrPicture
	}
	var clean bytes.Buffer
	if kind == "jpeg" {
		err = jpeg.Encode(&clean, picture, &jpeg.Options{Quality: 90})
	} else {
		err = png.Encode(&clean, picture)
	}
	if err != nil {
		return store.Logo{}, ErrPicture
	}
	if clean.Len() > 2*MostLogoBytes {
		return store.Logo{}, ErrPictureBig
	}
	return store.Logo{Hash: sha256.Sum256(clean.Bytes()), Type: "image/" + kind, Bytes: clean.Bytes()}, nil
}

// KeepLogo keeps a picture that somebody looks at before it becomes the logo, and says
// what the settings call it. Until they are saved nothing changes.
//
// Errors: ErrForbidden; Problems of the field file.
func (d *Desk) KeepLogo(ctx context.Context, staff undersigned.Staff, upload []byte) (string, error) {
	if !May(staff, ChangeSettings) {
		return "", fmt.Errorf("%s: %w", ChangeSettings, ErrForbidden)
	}
	logo, err := readLogo(upload)
	if err != nil {
		return "", Problems{{Field: "file", Err: err}}
	}
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		if err := tx.DropLogos(); err != nil {
			return err
		}
		return tx.AddLogo(logo)
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", ChangeSettings, err)
	}
	return hex.EncodeToString(logo.Hash[:]), nil
}

// Logo reads a picture that is the logo, was, or may become it.
//
// Errors: undersigned.ErrNotFound.
func (d *Desk) Logo(ctx context.Context, name string) (store.Logo, error) {
	hash, err := hex.DecodeString(name)
	if err != nil || len(hash) != sha256.Size {
		return store.Logo{}, fmt.Errorf("read a logo: %w", undersigned.ErrNotFound)
	}
	return d.store.Logo(ctx, [sha256.Size]byte(hash))
}
