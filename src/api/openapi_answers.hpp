// The schemas of the API description that have no table to be made from: images and answers. tests/e2e holds real
// answers against them.
#pragma once

namespace osprey::api {

inline constexpr const char* kAnswerSchemas = R"json({
  "ModelId": {
    "type": "string",
    "pattern": "^[^/\\\\\\x00-\\x1f\\x7f]{1,200}(/[^/\\\\\\x00-\\x1f\\x7f]{1,200})?$",
    "description": "project/version"
  },
  "Image": {
    "type": "object", "required": ["type", "value"],
    "properties": {
      "type": {
        "type": "string", "pattern": "^([bB][aA][sS][eE]64|[uU][rR][lL]|[nN][uU][mM][pP][yY])$",
        "description": "base64, url or numpy, in any case"
      },
      "value": {
        "type": "string", "minLength": 1,
        "description": "base64: the text of an encoded image (JPEG, PNG, WebP, TIFF, BMP, GIF), with or without a data URI's head. url: its address, or a data URI. numpy: the base64 text of a pickled array, height x width or height x width x 1 or 3 (BGR)"
      }
    }
  },
  "Message": {
    "type": "object", "required": ["message"],
    "properties": {"message": {"type": "string"}, "help_url": {"type": "string"}}
  },
  "ValidationError": {
    "type": "object", "required": ["detail"],
    "properties": {"detail": {"type": "array", "items": {
      "type": "object", "required": ["type", "loc", "msg", "input"],
      "properties": {
        "type": {"type": "string"},
        "loc": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        "msg": {"type": "string"}, "input": {}, "ctx": {"type": "object"}
      }
    }}}
  },
  "Size": {
    "type": "object", "required": ["width", "height"],
    "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}}
  },
  "ResolvedModel": {
    "type": "object", "required": ["model_id"],
    "properties": {
      "model_id": {"type": "string"}, "model_package_id": {"type": "string"},
      "backend": {"type": "string"}, "quantization": {"type": "string"}
    }
  },
  "Answer": {
    "type": "object", "required": ["inference_id", "time", "image", "predictions"],
    "properties": {
      "visualization": {"type": "string", "description": "A JPEG in base64"},
      "inference_id": {"type": "string"},
      "time": {"type": "number", "description": "Seconds"},
      "resolved_model": {"$ref": "#/components/schemas/ResolvedModel"},
      "image": {"$ref": "#/components/schemas/Size"}
    }
  },
  "Box": {
    "type": "object",
    "required": ["x", "y", "width", "height", "confidence", "class", "class_id", "detection_id"],
    "properties": {
      "x": {"type": "number", "description": "Centre, pixels of the image"}, "y": {"type": "number"},
      "width": {"type": "number"}, "height": {"type": "number"}, "confidence": {"type": "number"},
      "class": {"type": "string"}, "class_id": {"type": "integer"}, "detection_id": {"type": "string"}
    }
  },
  "ObjectDetection": {
    "allOf": [{"$ref": "#/components/schemas/Answer"}],
    "type": "object",
    "properties": {"predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Box"}}}
  },
  "InstanceSegmentation": {
    "allOf": [{"$ref": "#/components/schemas/Answer"}],
    "type": "object",
    "properties": {
      "predictions": {"type": "array", "items": {
        "allOf": [{"$ref": "#/components/schemas/Box"}],
        "type": "object", "required": ["mask_format"],
        "properties": {
          "mask_format": {"enum": ["polygon", "rle"]},
          "points": {"type": "array", "items": {"$ref": "#/components/schemas/Point"}},
          "rle": {
            "type": "object", "required": ["size", "counts"],
            "properties": {"size": {"type": "array", "items": {"type": "integer"}}, "counts": {"type": "string"}}
          }
        }
      }},
      "original_image": {"$ref": "#/components/schemas/Size"},
      "mask_metadata": {"type": "object"}
    }
  },
  "Point": {
    "type": "object", "required": ["x", "y"],
    "properties": {"x": {"type": "number"}, "y": {"type": "number"}}
  },
  "Keypoints": {
    "allOf": [{"$ref": "#/components/schemas/Answer"}],
    "type": "object",
    "properties": {"predictions": {"type": "array", "items": {
      "allOf": [{"$ref": "#/components/schemas/Box"}],
      "type": "object", "required": ["keypoints"],
      "properties": {"keypoints": {"type": "array", "items": {
        "type": "object", "required": ["x", "y", "confidence", "class_id", "class"],
        "properties": {
          "x": {"type": "number"}, "y": {"type": "number"}, "confidence": {"type": "number"},
          "class_id": {"type": "integer"}, "class": {"type": "string"}
        }
      }}}
    }}}
  },
  "Classification": {
    "allOf": [{"$ref": "#/components/schemas/Answer"}],
    "anyOf": [
      {
        "type": "object", "required": ["top", "confidence"],
        "properties": {
          "predictions": {"type": "array", "items": {
            "type": "object", "required": ["class", "class_id", "confidence"],
            "properties": {"class": {"type": "string"}, "class_id": {"type": "integer"}, "confidence": {"type": "number"}}
          }},
          "top": {"type": "string"}, "confidence": {"type": "number"}
        }
      },
      {
        "type": "object", "required": ["predicted_classes"],
        "properties": {
          "predictions": {"type": "object", "additionalProperties": {
            "type": "object", "required": ["confidence", "class_id"],
            "properties": {"confidence": {"type": "number"}, "class_id": {"type": "integer"}}
          }},
          "predicted_classes": {"type": "array", "items": {"type": "string"}}
        }
      }
    ]
  },
  "SemanticSegmentation": {
    "allOf": [{"$ref": "#/components/schemas/Answer"}],
    "type": "object",
    "properties": {"predictions": {
      "type": "object", "required": ["segmentation_mask", "class_map", "confidence_mask", "present_class_ids"],
      "properties": {
        "segmentation_mask": {"type": "string", "description": "A grey PNG in base64: the class of each pixel"},
        "class_map": {"type": "object", "additionalProperties": {"type": "string"}},
        "confidence_mask": {"type": "string", "description": "A grey PNG in base64: the confidence of each pixel, 0 to 255"},
        "present_class_ids": {"type": "array", "items": {"type": "integer"}}
      }
    }}
  },
  "AnyPrediction": {"anyOf": [
    {"$ref": "#/components/schemas/ObjectDetection"}, {"$ref": "#/components/schemas/InstanceSegmentation"},
    {"$ref": "#/components/schemas/Keypoints"}, {"$ref": "#/components/schemas/Classification"},
    {"$ref": "#/components/schemas/SemanticSegmentation"}
  ]},
  "Models": {
    "type": "object", "required": ["models"],
    "properties": {"models": {"type": "array", "items": {
      "type": "object", "required": ["model_id", "task_type"],
      "properties": {
        "model_id": {"type": "string"}, "task_type": {"type": "string"},
        "batch_size": {"type": ["integer", "null"]}, "input_height": {"type": ["integer", "null"]},
        "input_width": {"type": ["integer", "null"]}, "vram_bytes": {"type": ["integer", "null"]},
        "request_aliases": {"type": "array", "items": {"type": "string"}},
        "request_paths": {"type": "array", "items": {"type": "string"}}
      }
    }}}
  },
  "Catalog": {
    "type": "object", "required": ["models"],
    "properties": {"models": {"type": "array", "items": {
      "type": "object", "required": ["model_id", "state", "live"],
      "properties": {
        "model_id": {"type": "string"}, "state": {"enum": ["sound", "broken"]},
        "live": {"type": "boolean", "description": "Whether it is in memory"},
        "error": {"type": "string", "description": "What is wrong with a broken one"},
        "task": {"type": "string"}, "family": {"type": "string"}, "input": {"$ref": "#/components/schemas/Size"},
        "classes": {"type": "array", "items": {"type": "string"}},
        "colors": {"type": "object", "additionalProperties": {"type": "string"}},
        "keypoints": {"type": "array", "items": {"type": "array", "items": {"type": "string"}},
                      "description": "Names by class"}
      }
    }}}
  },
  "OwnModel": {
    "type": "object", "required": ["model_id"],
    "properties": {
      "model_id": {"type": "string"}, "state": {"enum": ["sound", "broken"]}, "bytes": {"type": "integer"},
      "error": {"type": "string", "description": "What is wrong with a broken one"},
      "task": {"type": "string"}, "family": {"type": "string"}, "input": {"$ref": "#/components/schemas/Size"},
      "classes": {"type": "array", "items": {"type": "string"}}, "replaced": {"type": "boolean"}
    }
  },
  "OwnModels": {
    "type": "object", "required": ["models"],
    "properties": {"models": {"type": "array", "items": {"$ref": "#/components/schemas/OwnModel"}}}
  },
  "Removed": {
    "type": "object", "required": ["model_id", "removed"],
    "properties": {"model_id": {"type": "string"}, "removed": {"type": "boolean"}}
  },
  "Detail": {
    "type": "object", "required": ["detail"],
    "properties": {"detail": {"type": "string"}}
  },
  "State": {
    "type": "object", "required": ["status"],
    "properties": {"status": {"type": "string"}}
  },
  "Started": {
    "type": "object", "required": ["status", "message"],
    "properties": {"status": {"type": "integer"}, "message": {"type": "string"}}
  },
  "Logs": {
    "type": "object", "required": ["logs", "total_count"],
    "properties": {
      "total_count": {"type": "integer"},
      "logs": {"type": "array", "items": {
        "type": "object", "required": ["timestamp", "level", "logger", "message"],
        "properties": {
          "timestamp": {"type": "string"}, "level": {"type": "string"}, "logger": {"type": "string"},
          "message": {"type": "string"}, "module": {"type": "string"}, "line": {"type": "integer"}
        }
      }}
    }
  },
  "NoStats": {
    "type": "object", "required": ["error", "hint"],
    "properties": {"error": {"type": "string"}, "hint": {"type": "string"}}
  },
  "Info": {
    "type": "object", "required": ["name", "version", "uuid"],
    "properties": {"name": {"type": "string"}, "version": {"type": "string"}, "uuid": {"type": "string"}}
  }
})json";

}  // namespace osprey::api
