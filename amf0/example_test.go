package amf0_test

import (
	"fmt"
	"log"

	"github.com/gortmp/rtmp/amf0"
)

// A command is a list of values: its name, its number, an object, and arguments.
func Example() {
	body, err := amf0.Append(nil, "connect", 1, amf0.Object{
		{Name: "app", Value: "live"},
		{Name: "capabilities", Value: 31},
	})
	if err != nil {
		log.Fatal(err)
	}

	values, err := amf0.ParseAll(body)
	if err != nil {
		log.Fatal(err)
	}
	object, _ := amf0.AsObject(values[2])
	app, _ := object.String("app")
	n, _ := object.Number("capabilities")
	fmt.Println(values[0], app, n)
	// Output: connect live 31
}

// Metadata comes as an ECMA array from some encoders and as an object from others.
func ExampleAsObject() {
	for _, metadata := range []any{
		amf0.Object{{Name: "width", Value: 1280.0}},
		amf0.ECMAArray{{Name: "width", Value: 1280.0}},
	} {
		object, ok := amf0.AsObject(metadata)
		width, _ := object.Number("width")
		fmt.Println(ok, width)
	}
	// Output:
	// true 1280
	// true 1280
}

// Set keeps the place of a property that is there already.
func ExampleObject_Set() {
	object := amf0.Object{{Name: "app", Value: "live"}, {Name: "fpad", Value: false}}
	object.Set("app", "vod")
	object.Set("tcUrl", "rtmp://example.com/vod")
	for _, p := range object {
		fmt.Println(p.Name, p.Value)
	}
	// Output:
	// app vod
	// fpad false
	// tcUrl rtmp://example.com/vod
}
